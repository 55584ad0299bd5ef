/** Words of the wall and of the map, in Vietnamese. */

export const wall = {
  wall: {
    water: 'Nước',
    coverage: 'Phủ hình',
    duty: 'Trực ban',
    day: (hours: number, share: string) => `${hours} giờ qua: ${share} %`,
    flood: 'CẢNH BÁO DỒN DẬP',
    inTime: 'Tiếp nhận trong 15 giây, hôm nay',
    today: 'Hôm nay',
    none: 'chưa có cảnh báo',
    kindCount: (kind: string, count: number) => `${kind} ${count}`,
    falseAlarms: (count: number) => `báo giả ${count}`,
    page: (page: number, pages: number) => `Trang ${page}/${pages}`,
    blind: 'Mất hình',
    more: (hidden: number, urgent: number) =>
      urgent > 0 ? `còn ${hidden} việc, ${urgent} khẩn cấp` : `còn ${hidden} việc`,
    unreachable: 'Không liên lạc được máy chủ trung tâm. Màn hình tự nối lại, không cần làm gì.',
    blocked: 'Màn hình lớn chưa được mở',
    code: 'Mã mở màn hình',
    blockedExplained:
      'Trên máy của chỉ huy ca hoặc quản trị: bấm tên mình, chọn “Thiết lập”, “Màn hình lớn”, rồi nhập sáu chữ số này. Mã đổi sau 2 phút.',
    scan: 'Hoặc quét mã này bằng điện thoại của chỉ huy ca.',
    noCode: 'Đang lấy mã…',
    login: 'Đăng nhập',
  },
  map: {
    units: (count: number) => `${count} đơn vị`,
    blindPlaces: (count: number) => `Mù ${count} nơi`,
    unknownAge: 'không rõ lúc nào',
    staleUnit: (age: string) => `vị trí cách đây ${age}`,
    label: 'Bản đồ camera và cảnh báo',
    blind: 'Không có hình',
    cameras: (count: number) => `${count} camera`,
    since: (time: string) => `từ ${time}`,
    zoomIn: 'Phóng to',
    zoomOut: 'Thu nhỏ',
    lost: (count: number) => `${count} mục không vẽ được trên bản đồ. Báo kỹ thuật.`,
    unplaced: (count: number) => `${count} camera chưa có tọa độ`,
    drawn: 'Bản đồ vẽ minh họa',
    trouble: {
      noWebGl:
        'Máy này không vẽ được bản đồ đường phố (trình duyệt không có WebGL): chỉ có lưới tọa độ',
      failed: 'Chưa đọc được bản đồ: chỉ có lưới tọa độ',
    },
  },
};
