/** Every word on the screens, in Vietnamese. `en.ts` must have the same keys; the compiler checks it. */

import type { Action, AlertState, Kind, RejectReason, Role, Step } from '../api/types';
import { isSystemKind, type Severity } from '../alerts/severity';
import type { Filter } from '../alerts/triage';
import type { Refused } from '../alerts/life';
import type { Command } from '../keys/keymap';
import { logActionVi, labelsVi, reasonVi } from './words-vi';

const kinds: Record<Kind, string> = {
  fire: 'Nghi cháy · lửa',
  smoke: 'Nghi cháy · khói',
  arc: 'Nghi chập điện cột',
  intrusion: 'Xâm nhập khu vực',
  crowd: 'Tụ tập đông người',
  loitering: 'Lảng vảng bất thường',
  stopped_vehicle: 'Xe dừng bất thường',
  exit: 'Rời khu cách ly',
  camera_offline: 'Mất hình camera',
  camera_frozen: 'Hình camera đứng',
  camera_tampered: 'Camera bị che hoặc xoay',
  worker_lost: 'Mất máy phân tích',
  detector_stalled: 'Bộ nhận dạng dừng',
  queue_lag: 'Hàng đợi chậm',
  event_gap: 'Thiếu sự kiện',
  self_test_missed: 'Lỡ kiểm tra toàn tuyến',
};

const confirmedKinds: Partial<Record<Kind, string>> = {
  fire: 'Cháy · lửa',
  smoke: 'Cháy · khói',
  arc: 'Chập điện cột',
};

const states: Record<AlertState, string> = {
  new: 'Chưa trả lời',
  acknowledged: 'Đã nhận',
  confirmed: 'Đã xác nhận',
  rejected: 'Báo giả',
  closed: 'Đã đóng',
};

const reasons: Record<RejectReason, string> = {
  steam: 'Hơi nước',
  dust: 'Bụi',
  lights: 'Đèn, phản quang',
  sunset: 'Nắng chiều',
  welding: 'Hàn xì',
  votive_paper: 'Đốt vàng mã',
  street_cooking: 'Bếp vỉa hè',
  fog: 'Sương mù',
  drill: 'Diễn tập',
  other: 'Khác',
};

const severities: Record<Severity, string> = {
  p1: 'Khẩn cấp',
  p2: 'Quan trọng',
  p3: 'Lưu ý',
  system: 'Hệ thống',
};

const roles: Record<Role, string> = {
  viewer: 'Người xem',
  operator: 'Cán bộ trực',
  leader: 'Chỉ huy ca',
  technician: 'Kỹ thuật',
  agency: 'Đơn vị',
  admin: 'Quản trị',
  auditor: 'Giám sát',
};

const filters: Record<Filter, string> = {
  open: 'Đang mở',
  unanswered: 'Chưa trả lời',
  working: 'Đang xử lý',
  closed: 'Đã đóng',
};

const actions: Record<Action, string> = {
  acknowledge: 'Nhận xử lý',
  confirm: 'Xác nhận',
  reject: 'Báo giả…',
  close: 'Đóng',
  reopen: 'Mở lại…',
};

const refusals: Record<Refused, string> = {
  role: 'Vai trò của đồng chí chỉ được xem',
  taken: 'Người khác đã nhận',
  not_taken: 'Nhận xử lý trước đã',
  no_verdict: 'Chưa có kết luận',
  has_verdict: 'Đã có kết luận',
  leader_only: 'Chỉ huy ca mới được mở lại',
  awaits_leader: 'Đang chờ chỉ huy đồng ký',
  open: 'Cảnh báo đang mở',
  closed: 'Cảnh báo đã đóng',
};

const steps: Record<Step, string> = {
  captured: 'Hình chụp tại camera',
  inferred: 'Máy phát hiện',
  spooled: 'Ghi sổ máy phân tích',
  queued: 'Vào hàng đợi',
  stored: 'Lưu kho',
  pushed: 'Gửi tới bàn trực',
  rendered: 'Hiện trên màn hình',
  acknowledged: 'Cán bộ nhận',
  verified: 'Có kết luận',
  closed: 'Đóng',
};

const commands: Record<Command, string> = {
  next: 'Xuống một dòng',
  previous: 'Lên một dòng',
  open: 'Mở cảnh báo đang chọn',
  acknowledge: 'Nhận xử lý',
  confirm: 'Xác nhận là thật',
  reject: 'Báo giả, rồi bấm số của lý do',
  close: 'Đóng, sau khi có kết luận',
  reopen: 'Mở lại (chỉ huy ca)',
  silence: 'Tắt tiếng bàn này 60 giây',
  held: 'Đưa cảnh báo đang chờ vào danh sách',
  boxes: 'Bật, tắt khung nhận dạng',
  picture: 'Đổi giữa phim và ảnh',
  play: 'Chạy, dừng phim',
  frame_back: 'Lùi một khung hình',
  frame_forward: 'Tiến một khung hình',
  search: 'Tìm trong danh sách',
  help: 'Bảng phím tắt này',
  cancel: 'Thoát, đóng bảng',
};

const fireChecklist = [
  'Nhận xử lý trong 15 giây',
  'Xem lại phim trước và sau lúc phát hiện',
  'Xác định địa chỉ, lối vào xe chữa cháy',
  'Kết luận, gọi 114, ghi người nhận tin',
];
const placeChecklist = [
  'Nhận xử lý trong 60 giây',
  'Xem phim: người hay vật, hướng đi',
  'Đối chiếu giờ và danh sách được phép',
  'Kết luận, báo công an phường',
];
const systemChecklist = ['Xem camera nào mù, từ lúc nào', 'Báo kỹ thuật và đơn vị chủ quản', 'Bố trí quan sát thay thế khu vực mù'];

export const vi = {
  product: 'Tháp Canh',
  language: { name: 'Tiếng Việt', other: 'English', switch: 'Đổi ngôn ngữ' },
  dayUnit: 'ngày',
  nobody: '—',
  dismiss: 'Bỏ qua',
  kinds,
  kindTitle: (kind: Kind, state: AlertState) => (state === 'confirmed' ? confirmedKinds[kind] : undefined) ?? kinds[kind],
  states,
  reasons,
  severities,
  severityLabel: (severity: Severity) =>
    severity === 'system' ? 'Cảnh báo hệ thống' : `Ưu tiên ${severity.slice(1)}, ${severities[severity].toLowerCase()}`,
  roles,
  labels: labelsVi,
  reasonChain: reasonVi,
  logActions: logActionVi,

  login: {
    title: 'Đăng nhập bàn trực',
    username: 'Tên đăng nhập',
    password: 'Mật khẩu',
    submit: 'Đăng nhập',
    submitting: 'Đang kiểm tra…',
    wrong: 'Tên đăng nhập hoặc mật khẩu không đúng.',
    locked: (wait: string) => `Tài khoản tạm khóa vì nhập sai nhiều lần. Thử lại sau ${wait}.`,
    lockedNoTime: 'Tài khoản tạm khóa vì nhập sai nhiều lần. Chờ vài phút rồi thử lại, hoặc báo quản trị.',
    unreachable: 'Không liên lạc được máy chủ trung tâm. Kiểm tra dây mạng hoặc báo kỹ thuật.',
    failed: 'Máy chủ không cho đăng nhập lúc này. Báo kỹ thuật nếu lặp lại.',
    missing: 'Nhập đủ tên đăng nhập và mật khẩu.',
    ended: 'Phiên làm việc đã hết. Đăng nhập lại để trực tiếp tục.',
    capsLock: 'Đang bật Caps Lock',
    show: 'Hiện mật khẩu',
  },

  starting: { connecting: 'Đang nối tới máy chủ trung tâm…', retry: 'Thử lại' },

  shift: {
    title: 'Nhận ca',
    greeting: (name: string) => `Đồng chí ${name}`,
    why: 'Trước khi vào ca, bàn trực phát thử tiếng báo cháy. Tiếng này lặp lại đến khi có người trả lời.',
    take: 'Nhận ca',
    takeHint: 'Bấm để mở âm thanh và nghe thử',
    question: 'Đồng chí có nghe thấy tiếng báo không?',
    yes: 'Nghe rõ, vào ca',
    again: 'Phát lại',
    no: 'Không nghe thấy, vào ca và báo hỏng loa',
    blocked: 'Trình duyệt chưa cho phát âm thanh. Bấm “Phát lại”.',
    watch: 'Vào xem',
    open: (unanswered: number) => (unanswered === 0 ? 'Không có cảnh báo nào chờ trả lời' : `${unanswered} cảnh báo đang chờ trả lời`),
  },

  header: {
    desk: 'Bàn trực',
    linkLive: 'Kết nối trực tiếp',
    linkConnecting: 'Đang kết nối…',
    linkInterrupted: 'Đang nối lại…',
    linkLost: 'Mất kết nối',
    cameras: 'Camera',
    camerasSeeing: (online: number, total: number) => `${online} trên ${total} camera đang nhìn`,
    blind: 'mù',
    moreBlind: (count: number) => `+${count}`,
    proven: 'Kiểm tra toàn tuyến',
    neverProven: 'chưa có',
    soundOn: 'Âm thanh bật',
    soundLocked: 'Chưa mở âm thanh',
    soundLockedHint: 'Bấm phím bất kỳ để mở',
    soundFailed: 'Loa hỏng',
    soundSilent: (left: string) => `Tắt tiếng còn ${left}`,
    logout: 'Giao ca, đăng xuất',
    clock: 'Giờ Hà Nội',
    account: 'Tài khoản',
  },

  blindness: {
    title: (count: number) => `${count} camera đang mù`,
    since: (time: string) => `từ ${time}`,
    unknownSince: 'không rõ từ lúc nào',
    close: 'Đóng danh sách',
    states: {
      idle: 'Chưa mở',
      connecting: 'Đang nối',
      stalled: 'Hình dừng',
      backoff: 'Mất kết nối',
      closed: 'Đã tắt',
      frozen: 'Hình đứng',
      dark: 'Hình tối',
      moved: 'Bị xoay',
    } as Record<string, string>,
  },

  link: {
    lost: 'MẤT KẾT NỐI',
    since: (time: string, age: string) => `từ ${time} · đã ${age}`,
    warning: 'Màn hình KHÔNG còn cập nhật. Cảnh báo mới không hiện ở đây. Báo chỉ huy ca và kỹ thuật.',
    retrying: 'Đang tự nối lại',
    reloaded: 'Kết nối bị hụt, danh sách đã tải lại toàn bộ từ kho.',
    back: (age: string) => `Đã nối lại sau ${age}; mọi thay đổi trong lúc mất đã được nhận đủ.`,
  },

  list: {
    label: 'Danh sách cảnh báo',
    filters,
    filterLabel: 'Lọc danh sách',
    search: 'Tìm địa điểm, camera, mã số',
    clearSearch: 'Xóa tìm kiếm',
    held: (count: number) => `${count} cảnh báo mới đang chờ`,
    heldUrgent: (count: number) => `${count} khẩn cấp`,
    returned: (count: number) => `${count} cảnh báo trở lại chưa ai nhận`,
    unclaimed: 'Chưa ai nhận',
    mine: 'Tôi',
    cosign: 'Chờ chỉ huy đồng ký',
    hiddenUrgent: (count: number) => `${count} cảnh báo khẩn cấp nằm ngoài bộ lọc`,
    showAll: 'Hiện tất cả',
    noMatch: 'Không có cảnh báo nào khớp.',
    loading: 'Đang tải cảnh báo…',
    loadFailed: 'Chưa tải được danh sách cảnh báo.',
    noPicture: 'Chưa có ảnh',
    noPlace: 'Chưa ghi địa điểm',
    newAlert: (what: string, where: string) => `Cảnh báo mới: ${what}, ${where}`,
    returnedAlert: (what: string, where: string) => `Quay lại chưa ai nhận: ${what}, ${where}`,
    cleared: 'hết dấu hiệu',
    age: 'Tuổi cảnh báo',
  },

  empty: {
    blindFirst: (blind: number) => `${blind} camera đang mù`,
    blindExplained: 'Không có cảnh báo KHÔNG có nghĩa là yên: các camera sau không nhìn thấy gì.',
    noCamera: 'Chưa có camera nào',
    noCameraExplained: 'Trung tâm chưa nhận hình từ camera nào; bàn trực này chưa canh gì cả.',
    unknown: 'Chưa biết camera nào đang nhìn',
    unknownExplained: 'Chưa nghe tin từ trung tâm.',
    calm: 'Không có cảnh báo',
    seeing: (online: number, total: number, time: string) => `${online}/${total} camera đang nhìn, kiểm tra lúc ${time}`,
    proven: (time: string) => `Kiểm tra toàn tuyến gần nhất lúc ${time}`,
    notProven: 'Chưa có lần kiểm tra toàn tuyến nào',
    nothingHere: 'Không có cảnh báo trong mục này.',
    choose: 'Chọn một cảnh báo để xem bằng chứng.',
  },

  flood: {
    title: (count: number) => `Dồn dập: ${count} cảnh báo trong 10 phút`,
    explained: 'Không bỏ cảnh báo nào. Bấm một nhóm để lọc.',
    group: (area: string, kind: string, count: number) => `${area ? `${area} · ` : ''}${kind} ×${count}`,
    meter: 'Cảnh báo 10 phút qua',
  },

  alert: {
    waiting: 'Thời gian chờ nhận',
    answeredAfter: 'Nhận sau',
    lease: 'Còn để kết luận',
    leaseOver: 'Quá hạn kết luận',
    camera: 'Camera',
    agency: 'Đơn vị',
    number: 'Mã số',
    unchecked: 'Chưa qua kiểm tra lần hai',
    active: 'Đang diễn ra',
    cleared: (time: string) => `Hết dấu hiệu lúc ${time}, vẫn phải trả lời`,
    clearedAnswered: (time: string) => `Hết dấu hiệu lúc ${time}`,
    ownerSince: (name: string, time: string) => `${name} đã nhận lúc ${time}`,
    mineSince: (time: string) => `Đồng chí đã nhận lúc ${time}`,
    rejectedAs: (reason: string, name: string) => `Báo giả: ${reason} · ${name}`,
    confirmedBy: (name: string) => `Xác nhận là thật · ${name}`,
    closedAt: (time: string) => `Đã đóng lúc ${time}`,
    cosign: (reason: string, name: string) => `Chờ chỉ huy ca đồng ký báo giả: ${reason} · ${name}`,
    cosignLeader: 'Bấm Báo giả để đồng ký, Xác nhận nếu là thật.',
    returned: 'Quá hạn, đã trả lại hàng chờ',
    detailFailed: 'Chưa tải được chi tiết.',
  },

  stage: {
    label: 'Bằng chứng',
    film: 'Phim',
    picture: 'Ảnh',
    pictureAt: (time: string) => `Ảnh lúc ${time}`,
    recording: 'Phim đang ghi…',
    noFilm: 'Chưa có phim',
    noPicture: 'Chưa có ảnh của cảnh báo này',
    filmFailed: 'Trình duyệt không chạy được phim này; đang hiện ảnh.',
    download: 'Tải phim về',
    pictureFailed: 'Không tải được ảnh bằng chứng',
    boxes: 'Khung nhận dạng',
    frame: 'Khung hình',
    play: 'Chạy phim',
    pause: 'Dừng phim',
    scrub: 'Vị trí trong phim',
    notLive: (time: string) => `Không trực tiếp — ghi lúc ${time}`,
    boxText: (label: string, confidence: string, reason: string) =>
      [`${label} ${confidence}`.trim(), reason].filter(Boolean).join(' · '),
    snapshotAlt: (what: string, where: string) => `Ảnh chụp: ${what}, ${where}`,
  },

  actions: {
    ...actions,
    label: 'Thao tác',
    cosign: 'Đồng ký báo giả',
    silence: 'Tắt tiếng 60 s',
    unsilence: 'Bật tiếng lại',
    sending: 'Đang gửi…',
    readOnly: (role: string) => `Chỉ xem: vai trò ${role} không thao tác trên cảnh báo`,
    refused: refusals,
  },

  reject: {
    title: 'Vì sao là báo giả?',
    cosign: 'Đồng ký báo giả vì',
    hint: 'Bấm số của lý do',
    p1: 'Cảnh báo khẩn cấp: cần chỉ huy ca đồng ký.',
    note: 'Ghi chú',
    noteNeeded: 'Ghi rõ lý do khác',
    send: 'Báo giả',
    cancel: 'Thôi',
  },

  reopen: { title: 'Mở lại vì sao?', note: 'Lý do mở lại', send: 'Mở lại', cancel: 'Thôi' },

  outcome: {
    conflict: (name: string, time: string) => `${name} đã nhận lúc ${time}`,
    conflictVerdict: (name: string, state: string, time: string) => `${name} đã trả lời “${state}” lúc ${time}`,
    stale: 'Cảnh báo vừa thay đổi. Xem lại rồi bấm lại.',
    unreachable: 'Chưa gửi được: máy chủ không trả lời. Lệnh chưa có hiệu lực.',
    forbidden: 'Đồng chí không có quyền làm việc này.',
    failed: (detail: string) => `Không thực hiện được: ${detail}`,
    guarded: 'Danh sách vừa đổi dòng. Bấm lại để chắc chắn.',
    notNow: (action: string, why: string) => `${action}: ${why}`,
    silenced: 'Đã tắt tiếng bàn này 60 giây. Cảnh báo vẫn chưa được trả lời.',
    unsilenced: 'Đã bật tiếng lại.',
  },

  place: {
    title: 'Vị trí',
    sketch: 'Sơ đồ camera quanh đây',
    noCoordinates: 'Camera này chưa có tọa độ',
    blindArea: 'mù',
    facing: (direction: string) => `hướng ${direction}`,
    directions: ['Bắc', 'Đông Bắc', 'Đông', 'Đông Nam', 'Nam', 'Tây Nam', 'Tây', 'Tây Bắc'],
    scale: (metres: string) => `${metres} m`,
    nearest: 'Camera gần nhất',
  },

  checklist: {
    title: 'Cần làm',
    of: (kind: Kind): readonly string[] => {
      if (kind === 'fire' || kind === 'smoke' || kind === 'arc') return fireChecklist;
      return isSystemKind(kind) ? systemChecklist : placeChecklist;
    },
  },

  stepClock: { title: 'Đồng hồ từng bước', steps, after: (seconds: string) => `+${seconds} s` },
  log: { title: 'Diễn biến', empty: 'Chưa có thao tác nào', evidence: (count: number) => `${count} tệp bằng chứng`, machine: 'Máy' },

  help: {
    title: 'Phím tắt',
    close: 'Đóng',
    commands,
    singleKeys: 'Dùng phím một chữ',
    remapHint: 'Bấm vào một phím để đổi.',
    pressNew: 'Bấm phím mới…',
    taken: 'Phím này đã có việc khác.',
    reset: 'Trả về mặc định',
  },

  footer: { choose: 'chọn', open: 'mở', search: 'tìm', keys: 'phím tắt', language: 'Ngôn ngữ' },
};

export type Catalogue = typeof vi;
