/** Words of the map screen and of what is near a place, in Vietnamese. */

export const nearby = {
  mapScreen: {
    search: 'Tìm địa điểm',
    placeholder: 'Phố, phường, tên cũ, camera…',
    nothing: 'Không tìm thấy',
    failed: 'Chưa tìm được, thử lại',
    noPlace: 'chưa có tọa độ',
    open: 'Mở bản đồ lớn',
    kinds: { ward: 'Phường, xã', street: 'Đường phố', place: 'Địa điểm', camera: 'Camera' },
  },
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
