/** Words of the viewing log and of the second login step, in Vietnamese. */

const what: Record<string, string> = {
  evidence: 'Ảnh, phim lưu',
  live: 'Hình trực tiếp',
  recording: 'Xem lại ghi hình',
  search: 'Tìm trong phim',
  still: 'Ảnh trực tiếp',
  export: 'Xuất tệp',
};

const ground: Record<string, string> = {
  open_alert: 'Cảnh báo đang mở',
  closed_alert: 'Cảnh báo đã đóng',
  duty: 'Đang trong ca trực',
  none: 'Không có căn cứ',
};

const guessed = {
  password: (at: string) =>
    `Có người dò mật khẩu của đồng chí (${at}). Nếu không phải đồng chí: báo quản trị và đổi mật khẩu.`,
  codes: (at: string) =>
    `Có người biết mật khẩu của đồng chí và dò mã xác nhận (${at}). Nếu không phải đồng chí: đổi mật khẩu ngay và báo quản trị.`,
};

export const security = {
  guessed,
  viewings: {
    title: 'Nhật ký xem hình',
    lead: 'Ai đã xem hình nào, lúc nào, vì sao. Mỗi dòng nằm trong chuỗi nhật ký niêm phong.',
    at: 'Lúc',
    person: 'Người xem',
    what: 'Loại',
    object: 'Đối tượng',
    camera: 'Camera',
    ground: 'Căn cứ',
    empty: 'Chưa có ai xem.',
    more: 'Xem cũ hơn',
    failed: 'Không tải được nhật ký. Thử lại, hoặc báo kỹ thuật.',
    whats: what,
    grounds: ground,
  },
  factors: {
    title: 'Xác thực hai bước',
    lead: 'Sau mật khẩu, máy hỏi thêm mã trong điện thoại hoặc khóa bảo mật của đồng chí.',
    notLoaded: 'Chưa tải được danh sách; đang thử lại.',
    none: 'Chưa bật. Mật khẩu đang là lớp bảo vệ duy nhất.',
    totp: 'Mã trong điện thoại',
    key: 'Khóa bảo mật',
    addCode: 'Thêm ứng dụng tạo mã',
    addKey: 'Thêm khóa bảo mật',
    scan: 'Quét mã này bằng ứng dụng tạo mã, rồi nhập 6 số đang hiện.',
    secret: 'Hoặc nhập tay:',
    code: 'Mã 6 số',
    name: 'Tên gợi nhớ',
    save: 'Bật',
    remove: 'Xóa',
    failed: 'Không làm được. Thử lại.',
    askCode: 'Nhập mã 6 số trong điện thoại',
    useKey: 'Dùng khóa bảo mật',
    submit: 'Xác thực',
    back: 'Quay lại',
  },
};
