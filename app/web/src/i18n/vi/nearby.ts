/** Words of what is near an alert, in Vietnamese. */

export const nearby = {
  nearby: {
    title: 'Gần hiện trường',
    asking: 'Đang tìm…',
    failed: 'Chưa lấy được.',
    again: 'Thử lại',
    unreadable: 'Tệp dữ liệu bị lỗi, báo kỹ thuật',
    none: (within: string) => `Không có trong vòng ${within}`,
    metres: (metres: number) => `${metres} m`,
    kilometres: (kilometres: string) => `${kilometres} km`,
    /** On the map: Trụ nước, Đơn vị, Lối vào, Số điện thoại. */
    letters: { hydrant: 'T', station: 'Đ', access: 'L', phone: 'S' },
  },
};
