/** Words of the accounts in the settings, in Vietnamese. */

import type { AccountRole, FieldName } from '../../accounts/accounts';

const may: Record<AccountRole, string> = {
  operator: 'nhận và xử lý cảnh báo',
  leader: 'như cán bộ trực; duyệt, mở lại, chỉ huy ca',
  viewer: 'chỉ xem',
  technician: 'camera, cấu hình, sự cố hệ thống',
  agency: 'đơn vị ngoài: chỉ camera và cảnh báo của mình',
  auditor: 'đọc mọi nhật ký',
  crew: 'điện thoại của một đơn vị: chỉ vụ việc mà đơn vị được điều đến',
  admin: 'tài khoản và thiết lập; không xử lý cảnh báo',
};

const fields: Record<FieldName, string> = {
  name: 'Họ tên',
  roles: 'Vai trò',
  agencies: 'Cơ quan',
  areas: 'Khu vực',
  disabled: 'Tình trạng',
  unit: 'Đơn vị',
};

export const accounts = {
  how: 'Ai được đăng nhập, làm gì và thấy những camera nào. Mọi thay đổi đều ghi vào nhật ký có niêm phong.',
  add: 'Thêm tài khoản',
  edit: 'Sửa',
  editing: (name: string) => `Sửa tài khoản: ${name}`,
  search: 'Tìm theo tên',
  who: 'Người dùng',
  sees: 'Được xem',
  fields,
  may,
  username: 'Tên đăng nhập',
  usernamePlaceholder: 'VD: nguyen.van.an',
  everything: 'Toàn hệ thống',
  allAgencies: 'Tất cả cơ quan',
  allAreas: 'Tất cả khu vực',
  someOf: 'Chỉ những nơi sau',
  scope: (ids: readonly string[] | null, named: (id: string) => string) =>
    ids === null ? 'Tất cả' : ids.map(named).join(', '),
  inUse: 'Đang dùng',
  letInNoMore: 'Không còn quyền vào',
  locked: 'Đã khóa',
  lock: 'Khóa tài khoản',
  endsAtOnce:
    'Người này bị đăng xuất ngay ở mọi máy; các màn hình lớn do người này mở cũng tắt ngay.',
  ofProvider:
    'Tài khoản do hệ thống đăng nhập của cơ quan cấp. Tại đây chỉ khóa và mở khóa; tên, vai trò, phạm vi đổi ở hệ thống đó.',
  look: 'Xem lại',
  review: 'Kiểm tra lại trước khi lưu:',
  save: 'Lưu',
  back: 'Sửa tiếp',
  cancel: 'Hủy',
  passwordFollows: 'Lưu xong sẽ có mật khẩu ban đầu, chỉ hiện một lần.',
  saved: (name: string) => `Đã lưu: ${name}.`,
  passwordOf: (name: string, username: string) =>
    `Mật khẩu của ${name} (${username}), chỉ hiện lần này. Ghi lại và giao tận tay:`,
  written: 'Đã ghi lại',
  newPassword: 'Cấp mật khẩu mới',
  newPasswordAsked: 'Người này bị đăng xuất ngay.',
  forgetFactors: 'Xóa xác thực hai bước',
  forgetFactorsAsked: 'Mất điện thoại hoặc khóa? Người này bị đăng xuất ngay.',
  factored: 'Có xác thực hai bước',
  unbind: 'Gỡ gắn danh tính',
  unbindAsked:
    'Người này được cấp mục mới ở hệ thống cơ quan? Lần đăng nhập tới sẽ gắn lại; phiên đang mở kết thúc ngay.',
  own: 'Tài khoản của đồng chí',
  none: 'Không có tài khoản nào.',
  lacking: {
    username: 'Nhập tên đăng nhập.',
    name: 'Nhập họ tên.',
    roles: 'Chọn ít nhất một vai trò.',
    agencies: 'Chọn ít nhất một cơ quan, hoặc tất cả.',
    areas: 'Chọn ít nhất một khu vực, hoặc tất cả.',
    unit: 'Chọn đơn vị mà điện thoại này thay mặt.',
  },
};
