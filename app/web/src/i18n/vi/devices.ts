/** Words of devices that send signals (thiết bị báo động), in Vietnamese. */

const kinds: Readonly<Record<string, string>> = {
  panel: 'Tủ báo cháy',
  button: 'Nút nhấn',
  detector: 'Đầu báo',
  sensor: 'Cảm biến',
  other: 'Loại khác',
};

export const devices = {
  devices: {
    how: 'Tủ trung tâm báo cháy, nút nhấn, đầu báo và cảm biến gửi tín hiệu về trung tâm. Thiết bị trong tệp cấu hình chỉ sửa được ở đó. Báo cháy mở ngay các camera đã gắn, rồi các camera gần nhất, và để chúng xem kỹ trong 10 phút.',
    kinds,
    search: 'Tìm thiết bị',
    none: 'Không có thiết bị nào.',
    id: 'Mã',
    name: 'Tên',
    kind: 'Loại',
    facility: 'Cơ sở (gõ tên, địa chỉ)',
    account: 'Số tài khoản trên đường báo (SIA)',
    cameras: 'Camera gắn với thiết bị (mã, cách nhau bằng dấu phẩy)',
    heartbeat: 'Im lặng quá (giây) thì báo',
    lat: 'Vĩ độ',
    lon: 'Kinh độ',
    place: 'Vị trí',
    heard: 'Nghe lần cuối',
    never: 'chưa nghe',
    ago: (span: string) => `${span} trước`,
    inTest: (until: string, name: string, reason: string) =>
      `Bảo trì đến ${until} · ${name}: ${reason}`,
    test: 'Bảo trì',
    testHours: 'Số giờ',
    testReason: 'Lý do',
    testBegin: 'Ngừng báo để bảo trì',
    testEnd: 'Kết thúc bảo trì',
    testHow:
      'Trong giờ bảo trì tín hiệu vẫn được ghi và không mở cảnh báo. Hết giờ mà thiết bị còn báo thì cảnh báo mở ngay.',
    add: 'Thêm thiết bị',
    save: 'Lưu',
    cancel: 'Thôi',
    remove: 'Bỏ',
    removeAsked: (name: string) => `Bỏ “${name}”? Tín hiệu của nó sẽ bị từ chối.`,
  },
};
