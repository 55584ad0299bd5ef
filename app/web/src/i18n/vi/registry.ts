/** Words of the registry of cameras, in Vietnamese. */

import type { Field, Recorded } from '../../registry/entry';

const fields: Record<Field, string> = {
  id: 'Mã camera',
  name: 'Tên',
  source: 'Địa chỉ luồng phân tích',
  main_source: 'Địa chỉ luồng xem trực tiếp',
  agency: 'Đơn vị chủ quản',
  area: 'Khu vực',
  lat: 'Vĩ độ',
  lon: 'Kinh độ',
  bearing_deg: 'Hướng nhìn (độ)',
  valid_from: 'Canh từ',
  valid_to: 'Canh đến hết',
};
const otherKeys: Readonly<Record<string, string>> = {
  zones: 'Vùng',
  lines: 'Vạch',
  masks: 'Vùng bỏ qua',
  privacy_masks: 'Vùng che riêng tư',
  ptz: 'Camera quay được',
  enabled: 'Đang canh',
  onvif: 'Địa chỉ ONVIF',
  phone: 'Điện thoại',
  parent: 'Nằm trong khu vực',
  record: 'Ghi hình',
  transport: 'Cách truyền',
  tls_pin: 'Dấu vân tay chứng chỉ',
};
const hints: Partial<Record<Field, string>> = {
  id: 'để trống: lấy theo tên',
  source: 'rtsp://người-dùng:mật-khẩu@10.0.0.17/stream2',
  bearing_deg: '0 là bắc, 90 là đông',
  valid_from: '2026-11-26T08:00:00+07:00',
  valid_to: '2026-12-26T08:00:00+07:00',
};
const recorded: Record<Recorded, string> = {
  as_site: 'theo cấu hình chung',
  on: 'ghi cả ngày',
  off: 'không ghi',
};
const ruleKinds: Readonly<Record<string, string>> = {
  fire: 'Cháy',
  smoke: 'Khói',
  intrusion: 'Vào vùng cấm',
  loitering: 'Nán lại lâu',
  crowd: 'Tụ tập đông',
  stopped_vehicle: 'Xe dừng',
  exit: 'Qua vạch',
};
const origins: Readonly<Record<string, string>> = {
  form: 'sửa trên màn hình',
  import: 'nhập từ tệp',
  undo: 'hoàn tác',
};

export const registry = {
  registry: {
    table: 'Danh sách camera',
    search: 'Tìm theo mã, tên, đơn vị, khu vực, địa chỉ',
    everyAgency: 'Mọi đơn vị',
    everyArea: 'Mọi khu vực',
    watched: 'Canh',
    onAndOff: 'Đang canh và tắt',
    on: 'có',
    off: 'tắt',
    loading: 'Đang tải…',
    count: (total: number) => `${total.toLocaleString('vi-VN')} camera`,
    add: 'Thêm camera',
    importFile: 'Nhập từ tệp',
    inFiles:
      'Camera của hệ thống này khai báo trong tệp cấu hình. Muốn sửa tại đây, quản trị đặt [registry] source = "database".',
    choose: 'Chọn một camera để xem, sửa, vẽ vùng và xem ai đã thay đổi.',
    pick: (name: string) => `Chọn ${name}`,
    pickAll: 'Chọn mọi camera đã tải',
    bulk: (count: number) => `Đã chọn ${count.toLocaleString('vi-VN')}`,
    keepAgency: 'Giữ đơn vị',
    keepArea: 'Giữ khu vực',
    keepState: 'Giữ trạng thái canh',
    save: 'Lưu',
    saved: 'Đã lưu. Thay đổi có hiệu lực sau vài giây.',
    cancel: 'Đóng',
    newCamera: 'Camera mới',
    parts: 'Phần của camera',
    tabs: { facts: 'Thông tin', shapes: 'Vùng, vạch, vùng che', rule: 'Luật', history: 'Lịch sử' },
    fields,
    otherKeys,
    hints,
    recorded,
    enabled: 'Đang canh',
    ptz: 'Camera quay được (PTZ)',
    events: 'Nghe tín hiệu của camera (ONVIF)',
    remove: 'Xóa',
    removeSure: 'Xóa thật? Bấm lần nữa',
    removeShape: (name: string) => `Xóa ${name}`,
    noShapes: 'Chưa vẽ gì trên camera này.',
    undo: 'Hoàn tác',
    origins,
    ruleKind: 'Báo khi',
    ruleKinds,
    ruleHours: 'Giờ áp dụng (để trống: cả ngày)',
    ruleAdd: 'Thêm luật',
    ruleSaved: 'Đã thêm luật. Luật có hiệu lực sau vài giây.',
    rulesOf: 'Luật đang áp dụng cho camera này',
    noRules: 'Chưa có luật riêng.',
    defaultRules:
      'Lửa và khói trên cả hình được phát hiện ở mọi camera, trừ khi có luật khác thay cho tất cả.',
    wholePicture: 'Cả hình',
    importHow:
      'Tệp CSV (UTF-8), XLSX hoặc TOML. Trước hết hệ thống cho biết sẽ thay đổi gì; có một dòng sai thì không nhập dòng nào.',
    importNow: 'Nhập',
    importPlan: 'Sẽ nhập:',
    importDone: 'Đã nhập:',
    importCounts: (created: number, changed: number, unchanged: number) =>
      `${created} mới, ${changed} thay đổi, ${unchanged} giữ nguyên.`,
    importWrong: (count: number) => `${count} lỗi, chưa nhập gì. Sửa tệp rồi chọn lại:`,
    line: (line: number) => `Dòng ${line}`,
  },
};
