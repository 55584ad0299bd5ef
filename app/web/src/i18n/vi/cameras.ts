/** Words of the cameras' screen, in Vietnamese. */

import type { Problem, Tool } from '../../cameras/shape';

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
  no_camera: 'không thấy hình camera ở địa chỉ này',
  no_video: 'không có hình trong luồng',
  no_metadata: 'không có metadata ONVIF trong luồng',
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

const tools: Record<Tool, string> = {
  zone: 'Vùng',
  line: 'Vạch',
  mask: 'Vùng bỏ qua',
  privacy: 'Vùng che riêng tư',
};

const problems: Record<Problem, string> = {
  too_few: 'Bấm vào ảnh để đặt điểm: vùng cần ít nhất 3 điểm, vạch cần 2 điểm.',
  no_area: 'Các điểm nằm trên một đường thẳng; vùng cần có diện tích.',
  crosses_itself: 'Đường viền tự cắt nhau; kéo lại các điểm.',
  same_point: 'Hai điểm trùng nhau; vạch cần hai điểm khác nhau.',
  no_name: 'Đặt tên, ví dụ “Cổng sau”.',
  id_taken: 'Camera này đã có tên đó.',
};

/** Why a camera's pictures are decoded as they are, by the machine's own words. */
const decodingReasons: Readonly<Record<string, string>> = {
  'no packet yet': 'chưa có hình',
  quiet: 'cảnh yên',
  'packets grew': 'hình có biến động',
  'picture changed': 'hình có biến động',
  'something is being watched': 'đang theo dõi đối tượng',
  'something faint was seen': 'thấy dấu hiệu mờ',
  'somebody called from near': 'có cuộc gọi báo gần đó',
  'learning its packet sizes': 'đang học mức thường',
  'everything is decoded': 'theo cấu hình',
  'a rule of its events was raised': 'camera báo tín hiệu',
  'too few packets to learn from: luma compared at keyframes': 'so độ sáng ở hình khóa',
  'constant bitrate: luma compared at keyframes': 'lưu lượng cố định, so độ sáng ở hình khóa',
  'keyframes only: luma compared': 'chỉ có hình khóa, so độ sáng',
};

/** 1 giờ 5 phút; dưới một phút. */
function lasted(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes === 0) return ms === 0 ? '0 phút' : 'dưới 1 phút';
  const hours = Math.floor(minutes / 60);
  return [hours ? `${hours} giờ` : '', minutes % 60 ? `${minutes % 60} phút` : '']
    .filter(Boolean)
    .join(' ');
}

/** `isCut`: there were more. */
function alertsOfDay(count: number, isCut: boolean): string {
  return isCut ? `hơn ${count} cảnh báo` : `${count} cảnh báo`;
}

export const cameras = {
  cameras: {
    tree: 'Camera theo đơn vị và khu vực',
    search: 'Tìm camera, khu vực, đơn vị',
    blindOnly: (count: number) => `Chỉ camera mất hình (${count})`,
    grid: 'Lưới trực tiếp',
    pages: 'Trang của lưới',
    unowned: 'Chưa ghi đơn vị, khu vực',
    noMatch: 'Không có camera nào khớp.',
    choose: 'Chọn một camera để xem hình trực tiếp, tình trạng và cảnh báo.',
    day: {
      title: '24 giờ qua',
      newest: 'Cảnh báo gần nhất',
      none: 'Camera này chưa có cảnh báo.',
      failed: 'Chưa tải được 24 giờ qua.',
      unrecorded: 'Chưa ghi nhận',
      blind: (ms: number, outages: number) =>
        outages === 0 ? 'Không mất hình' : `Mất hình ${outages} lần, ${lasted(ms)}`,
      shelved: (ms: number) => (ms === 0 ? 'Không tạm ngưng báo' : `Tạm ngưng báo ${lasted(ms)}`),
      alerts: alertsOfDay,
      told: (ms: number, outages: number, count: number, isCut: boolean) =>
        `24 giờ qua: mất hình ${outages} lần, ${lasted(ms)}; ${alertsOfDay(count, isCut)}`,
    },
    picture: 'Hình của camera',
    last: 'Ảnh và vùng',
    health: 'Tình trạng',
    state: 'Trạng thái',
    reason: 'Lý do',
    since: 'Từ lúc',
    lastPicture: 'Hình phân tích gần nhất',
    fps: 'Hình mỗi giây',
    codec: 'Kiểu nén',
    lookInterval: 'Nhịp nhận dạng',
    decoding: 'Giải mã',
    decodings: {
      idle: 'chế độ chờ',
      awake: 'đang phân tích',
      always: 'mọi hình',
    } as Record<string, string>,
    decodingReason: (reason: string) =>
      decodingReasons[reason] ??
      (/^it told of /.test(reason) ? 'camera báo tín hiệu' : null) ??
      (/^it saw .* itself$/.test(reason) ? 'camera tự nhận ra đối tượng' : null) ??
      (/keyframe/.test(reason) ? 'hình khóa quá thưa' : reason),
    objects: 'Khung đối tượng của camera',
    objectsOn: 'đang đọc',
    objectsOff: 'không đọc được',
    events: 'Tín hiệu của camera',
    eventsOn: 'đang nghe',
    eventsOff: 'không nghe được',
    crossings: 'Qua vạch',
    crossingsOf: (rule: string, entered: number, left: number) =>
      `${rule}: vào ${entered}, ra ${left}`,
    endsAt: 'Hết hạn lúc',
    worker: 'Máy phân tích',
    agency: 'Đơn vị chủ quản',
    area: 'Khu vực',
    id: 'Mã camera',
    coordinates: 'Tọa độ',
    bearing: 'Hướng nhìn',
    detail: 'Chi tiết cho kỹ thuật',
  },
  nuisance: {
    title: (days: number) => `Chỗ hay báo giả, ${days} ngày qua`,
    counts: (rejections: number, sightings: number) =>
      `báo giả ${rejections} lần, máy thấy ${sightings} lần`,
    mask: 'Vùng bỏ qua đề nghị',
    how: 'Vùng bỏ qua làm máy không nhìn chỗ đó nữa. Kỹ thuật xem kỹ rồi dán vào cấu hình của camera.',
    noMask: {
      confirmed_there: 'Chỗ này từng cháy thật: không che.',
      zone_rule: 'Luật theo vùng: sửa vùng thay vì che.',
      too_large: 'Chỗ quá rộng để che: xem lại vị trí camera hoặc luật.',
    },
  },
  habits: {
    title: 'Thường thấy ở đây',
    kind: 'Loại dấu hiệu',
    hour: 'Giờ trong ngày',
    hourOf: (hour: number) => `${hour}–${hour + 1} giờ`,
    map: 'Bản đồ chỗ thường có dấu hiệu mà không cháy: càng đậm càng thường gặp',
    learned: (since: string, hours: string) => `Học từ ${since}, đã xem ${hours} giờ.`,
    young: 'Bản đồ còn mới, chưa đủ một ngày.',
    nothing: 'Chưa học được gì.',
    failed: 'Không đọc được bản đồ.',
    cleared: (time: string, name: string) =>
      `Xóa lần cuối lúc ${time}${name ? `, người xóa: ${name}` : ''}.`,
    clear: 'Xóa những gì đã học…',
    sure: 'Máy sẽ học lại từ đầu, như khi camera vừa đổi hướng. Xóa?',
    yes: 'Xóa',
    no: 'Thôi',
  },
  shapes: {
    save: 'Lưu vào camera',
    notLoaded: 'Chưa tải được vùng, vạch đã vẽ; đang thử lại.',
    tool: 'Vẽ gì',
    tools,
    flip: 'Đổi phía trong',
    clear: 'Xóa hình vẽ',
    renew: 'Lấy ảnh mới',
    stage: (camera: string) => `Bảng vẽ trên ảnh của ${camera}`,
    keys: 'Chuột: bấm để đặt điểm, kéo để dời. Phím trên ảnh: mũi tên (Shift đi nhanh), Enter đặt điểm, PageUp/PageDown chọn điểm, Delete xóa.',
    name: 'Tên',
    problems,
    text: 'Dòng cấu hình',
    copy: 'Chép',
    copied: 'Đã chép',
    put: 'Dán ngay dưới camera này trong tệp cấu hình; hệ thống tự nạp lại.',
    putMask: 'Dán vào bảng [[cameras]] của camera này; nếu đã có danh sách cùng tên thì ghép vào.',
  },
  probe: {
    title: 'Thử nguồn hình',
    thisCamera: 'Thử camera này',
    address: 'Hoặc thử một địa chỉ trong mạng camera',
    tryIt: 'Thử',
    trying: 'Đang mở nguồn và đọc vài giây…',
    good: 'Nguồn hình dùng được',
    bad: (why: string) => (why ? `Không dùng được: ${why}` : 'Không dùng được'),
    codec: 'Kiểu nén',
    size: 'Cỡ hình',
    fps: 'Hình mỗi giây',
    keyframes: 'Hình khóa mỗi',
    bFrames: 'Có khung B',
    yesNo: (yes: boolean): string => (yes ? 'có' : 'không'),
    bitrate: 'Lưu lượng',
    opened: 'Mở trong',
    firstPicture: 'Hình đầu sau',
  },
};
