/** The machine's own words, said in Vietnamese: labels, the reason chain of an event, the action log. */

import { sayChain, type StageWords } from '../../alert/machine-reason';

const LABELS: Readonly<Record<string, string>> = {
  fire: 'lửa',
  smoke: 'khói',
  person: 'người',
  bicycle: 'xe đạp',
  car: 'ô tô',
  motorcycle: 'xe máy',
  bus: 'xe buýt',
  truck: 'xe tải',
  flash: 'chớp điện',
  motion: 'chuyển động',
  tamper: 'bị che, xoay hoặc mất tín hiệu',
  digital_input: 'tiếp điểm đầu vào',
  line_crossed: 'vượt vạch',
  field_entered: 'vào vùng',
};

function usual(rest: string): string {
  return rest.includes('usual here') ? ', chỗ này thường có cảnh báo như vậy' : '';
}

const STAGES: StageWords = {
  looks: (seen, of) => `${seen}/${of} lần có dấu hiệu`,
  change_unmeasured: () => 'chưa đo biến động',
  change: (change) => `biến động ${change}`,
  warmth: (warmth) => `màu lửa ${warmth}`,
  grey: () => 'hình không màu',
  faint: (looks, of) => `mờ nhưng ${looks}/${of} lần có dấu hiệu`,
  fog: (looks) => `có sương mù, thấy ${looks} lần`,
  unchecked: () => 'chưa qua kiểm tra lần hai',
  returned: (s) => `trở lại sau ${s} giây`,
  unseen: (s) => `không thấy trong ${s} giây`,
  doubted: (percent = '', rest = '') =>
    percent ? `máy kiểm tra lần hai chỉ tin ${percent} % là cháy${usual(rest)}` : 'máy chưa chắc',
  believed: (percent = '', rest = '') =>
    percent ? `máy kiểm tra lần hai tin ${percent} % là cháy${usual(rest)}` : 'máy đã chắc hơn',
  flame_follows: () => 'khói rồi có lửa',
  lasting: () => 'vẫn còn, máy chưa chắc',
  haze: (count, names = '') =>
    `sương mù hoặc khói trên ${count} camera${names ? `: ${names}` : ''}`,
  haze_gone: () => 'sương đã tan',
  called: (number) => `khớp với cuộc gọi ${number}`,
  agrees: (camera) => `camera ${camera} cũng thấy`,
  fire_too: () => 'có cả lửa',
  smoke_too: () => 'có cả khói',
  area_doubled: () => 'rộng gấp đôi',
  surer: (confidence = '') => `chắc hơn: ${confidence.replace('.', ',')}`,
  still_seen: () => 'vẫn thấy',
  crowd: (here, allowed) => `${here} đối tượng, cho phép ${allowed}`,
  for_seconds: (s) => `trong ${s} giây`,
  stayed: (s, allowed) => `ở lại ${s} giây, cho phép ${allowed} giây`,
  stopped: (s, allowed) => `dừng ${s} giây, cho phép ${allowed} giây`,
  left_line: () => 'đi ra qua vạch',
  told_by_camera: (kind, source = '') =>
    `camera báo ${LABELS[kind] ?? kind}${source ? ` (${source})` : ''}`,
  at_rest: () => 'đã trở lại bình thường',
  events_lost: () => 'không nghe được tín hiệu của camera mà luật đang chờ',
  events_come: () => 'nghe lại được tín hiệu của camera',
  crossings: (out, into) => `ra ${out}, vào ${into}`,
  flashes: (count, s) => `${count} tia chớp sáng trong ${s} giây`,
  flash_then_smoke: () => 'chớp sáng rồi có khói',
  flash_then_fire: () => 'chớp sáng rồi có lửa',
  film: () => 'phim đã ghi xong',
  drill: () => 'phim diễn tập',
  network: (down, all) => `${down}/${all} camera cùng mất hình: kiểm tra mạng`,
  no_look: (s) => `không nhận dạng trong ${s} giây`,
  look_hangs: (s) => `một lần nhận dạng kéo dài quá ${s} giây`,
  blind: () => 'mô hình không nhận ra đám cháy mẫu',
  looks_again: () => 'nhận dạng trở lại',
  no_room: (count) => `${count} sự kiện không còn chỗ chứa`,
  none_lost: () => 'không mất thêm sự kiện',
  picture_frozen: () => 'hình đứng yên',
  picture_dark: () => 'hình tối hoặc bị che',
  picture_covered: () => 'ống kính bị che',
  picture_moved: () => 'camera bị xoay',
  picture_blurred: () => 'hình bị mờ, mất nét',
  picture_ok: () => 'hình trở lại bình thường',
  queue_answers: () => 'hàng đợi trả lời lại',
  queue_waits: (count) => `hơn ${count} sự kiện đang chờ lưu kho`,
  unreadable: () => 'có sự kiện không đọc được',
  no_new: () => 'không có thêm',
  silent: () => 'không còn tín hiệu',
  reports_again: () => 'báo cáo trở lại',
  spool_waits: (s) => `sự kiện nằm chờ ở máy phân tích quá ${s} giây`,
  drains: () => 'đang gửi dần',
  unproven: (minutes) => `hệ thống tự kiểm tra không đạt trong ${minutes} phút`,
  proven: () => 'hệ thống tự kiểm tra: đạt',
  unwatched: (count) => `${count} camera không có máy nào canh`,
  all_watched: () => 'camera nào cũng có máy canh',
  missing: (count) => `thiếu ${count} sự kiện`,
  pictures: () => 'ảnh đã lưu xong',
  evidence_store: () => 'kho bằng chứng không dùng được',
  evidence_waits: (s) => `ảnh, phim nằm chờ ở máy phân tích quá ${s} giây`,
  evidence_failed: (count) => `${count} sự kiện thiếu ảnh hoặc phim`,
  evidence_none_failed: () => 'không thiếu thêm',
  evidence_well: () => 'ảnh, phim đã vào kho',
  evidence_elsewhere: () => 'máy phân tích ghi vào kho bằng chứng khác',
  not_recorded: (cameras) => `${cameras} camera đang không được ghi hình`,
  recorded_again: () => 'đã ghi hình trở lại',
  disk_low: (gb = '') => `đĩa còn trống dưới ${gb.replace('.', ',')} GB`,
  disk_room: () => 'đĩa đủ chỗ trở lại',
  clock_ahead: (s) => `đồng hồ chạy nhanh hơn hàng đợi ${s} giây`,
  clock_behind: (s) => `đồng hồ chạy chậm hơn hàng đợi ${s} giây`,
  config_wrong: (count, where) => `cấu hình có ${count} lỗi, phần đó không chạy: ${where}`,
  config_earlier: (where) => `chạy theo cấu hình đúng gần nhất; không áp dụng vì lỗi: ${where}`,
  config_right: () => 'cấu hình đã đúng',
  clock_right: () => 'đồng hồ đã đúng giờ',
  well_again: () => 'đã bình thường trở lại',
};

/** Why a camera gives no picture. */
export const CAMERA_REASONS: Readonly<Record<string, string>> = {
  not_started: 'chưa khởi động',
  opening: 'đang mở nguồn hình',
  pictures: 'có hình',
  unreachable: 'không tới được địa chỉ',
  unanswered: 'thiết bị không trả lời',
  unauthorized: 'sai tên hoặc mật khẩu',
  certificate: 'chứng chỉ không tin được',
  not_found: 'sai đường dẫn',
  refused: 'thiết bị từ chối',
  transport: 'sai kiểu truyền (TCP/UDP)',
  redirect: 'thiết bị chuyển sang máy khác',
  redirect_loop: 'chuyển hướng vòng tròn',
  network: 'tên camera dẫn tới mạng không được phép',
  address: 'địa chỉ viết sai (mật khẩu có / ? # phải viết %2F %3F %23)',
  web_page: 'đó là trang web, không phải luồng hình',
  other_protocol: 'sai giao thức hoặc sai cổng',
  needs_tls: 'cổng này dùng TLS: viết rtsps:// hoặc https://',
  no_tls: 'cổng này không dùng TLS: viết rtsp:// hoặc http://',
  srtp_only: 'camera chỉ phát SRTP: tắt SRTP trên camera',
  no_video: 'không có hình trong luồng',
  unsupported: 'kiểu nén không hỗ trợ',
  stalled: 'luồng hình ngừng',
  ended: 'luồng hình kết thúc',
  garbled: 'dữ liệu hỏng',
  no_keyframe: 'chờ khung hình chính (đặt 1–2 giây)',
  broke: 'đứt kết nối',
  stopped: 'đã dừng',
  no_worker_reports: 'không máy nào báo về',
  queue_unavailable: 'hàng đợi không trả lời',
};

const LOG_ACTIONS: Readonly<Record<string, string>> = {
  opened: 'Máy phát hiện',
  spoke: 'Báo lại',
  updated: 'Vẫn còn thấy',
  cleared: 'Hết dấu hiệu',
  evidence: 'Lưu bằng chứng',
  evidence_deleted: 'Xóa bằng chứng hết hạn lưu',
  evidence_held: 'Lưu giữ bằng chứng theo yêu cầu',
  habits_cleared: 'Xóa thói quen đã học',
  evidence_released: 'Bỏ lưu giữ bằng chứng theo yêu cầu',
  acknowledge: 'Nhận xử lý',
  confirm: 'Xác nhận là thật',
  reject: 'Báo giả',
  close: 'Đóng',
  reopen: 'Mở lại',
  lease_expired: 'Quá hạn kết luận, trả lại hàng chờ',
  lease_renewed: 'Gia hạn kết luận: người nhận đang xử lý',
  propose: 'Đề nghị báo giả',
  case_exported: 'Tải hồ sơ niêm phong',
  record_exported: 'In hồ sơ cảnh báo',
  verdicts_exported: 'Xuất kết luận và ảnh cắt',
  note: 'Ghi chú',
  claim: 'Nhận thay',
  hand_over: 'Chuyển người xử lý',
  receipt: 'Đơn vị xác nhận đã nhận tin',
  shelved: 'Tạm ngưng báo',
  unshelved: 'Bỏ tạm ngưng',
};

/** Reasons that only repeat the action are said by it alone. */
const LOG_REASONS: Readonly<Record<string, string>> = {
  first: 'lần đầu',
  recurred: 'tái diễn',
  grew_after_rejection: 'lớn thêm sau khi báo giả',
  surer_after_rejection: 'máy chắc hơn sau khi báo giả',
  agreed_after_rejection: 'camera khác cũng thấy sau khi báo giả',
  elsewhere_after_rejection: 'ở chỗ khác chỗ đã báo giả',
  grew_after_closing: 'lớn thêm sau khi đóng',
  call_agrees: 'có người gọi báo gần đó',
  call_untrue: 'cuộc gọi báo không đúng',
  device_agrees: 'có thiết bị báo động gần đó cũng báo',
  cameras_agree: 'hai camera cùng thấy',
  priority_rose: 'tăng mức ưu tiên',
  area_doubled: 'rộng gấp đôi',
  returned: 'trở lại',
  folded: 'cùng một vụ',
  late: 'tin đến muộn',
  quiet_place: 'đang tạm im sau khi báo giả',
  quiet_after_closing: 'đang tạm im sau khi đóng',
  cleared_in_part: 'hết dấu hiệu một phần',
  nothing_to_clear: '',
  shelved: '',
  shelf_ended: 'hết giờ tạm ngưng',
  shelf_lifted: 'có người bỏ tạm ngưng',
  evidence: '',
  cleared: '',
  lease_expired: '',
  lease_renewed: '',
  taken: '',
  confirmed: '',
  rejected: '',
  closed: '',
  reopened: '',
  drill_ended: 'hết diễn tập',
  cosigned: 'chỉ huy đồng ký',
  awaits_cosign: 'chờ chỉ huy đồng ký',
};

const CHAIN = { stages: STAGES, cameras: CAMERA_REASONS, unknown: 'lý do khác' };

export function labelsVi(label: string): string {
  return LABELS[label] ?? (label === '' ? '' : 'vật thể');
}

export function reasonVi(chain: string): string {
  return sayChain(chain, CHAIN);
}

export function logActionVi(action: string): string {
  return LOG_ACTIONS[action] ?? 'Thay đổi khác';
}

export function logReasonVi(reason: string): string {
  return LOG_REASONS[reason] ?? reasonVi(reason);
}
