/** Words of the search for cameras, in Vietnamese. */

const number = new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 1 });

export const discover = {
  discover: {
    title: 'Tìm camera',
    nowhere:
      'Chưa có mạng nào được phép tìm. Quản trị đặt [networks] onvif = ["10.1.0.0/24"] trong tệp cấu hình.',
    network: 'Mạng cần tìm',
    everyNetwork: 'Mọi mạng được phép',
    look: 'Tìm',
    looking: 'Đang tìm, mất vài giây…',
    found: (count: number) => `${count} camera trả lời.`,
    fresh: 'chưa có trong sổ',
    known: (name: string) => `đã có: ${name}`,
    moved: (name: string) => `đổi địa chỉ: ${name}`,
    ofOthers: 'camera của đơn vị khác',
    choose: 'Chọn',
    follow: 'Lấy địa chỉ mới',
    asked: (address: string) => `Hỏi camera ${address}`,
    user: 'Tên đăng nhập của camera',
    password: 'Mật khẩu của camera',
    pinHint: 'để trống: hỏi rồi chọn',
    met: 'Camera đưa chứng thư có dấu vân tay (SHA-256) dưới đây. Hãy so với dấu vân tay ghi trong trang quản trị của camera; chỉ tin khi giống hệt.',
    believe: 'Tin chứng thư này',
    ask: 'Hỏi camera',
    asking: 'Đang hỏi…',
    fps: (value: number) => `${number.format(value)} hình/giây`,
    keyframe: (seconds: number) => `hình khóa mỗi ${number.format(seconds)} giây`,
    clock: (seconds: number) =>
      `Đồng hồ camera ${seconds > 0 ? 'nhanh' : 'chậm'} ${number.format(Math.abs(seconds))} giây. Hãy chỉnh giờ (NTP) trên camera.`,
    noStream: 'Camera không cho luồng RTSP nào. Kiểm tra quyền của tên đăng nhập này.',
    slow: (seconds: number) =>
      `Luồng phân tích chỉ có hình khóa mỗi ${number.format(seconds)} giây: phát hiện sẽ chậm.`,
    shorten: 'Đặt mỗi giây một hình khóa',
    fill: 'Điền vào phiếu',
  },
};
