/** Words of an alert on the desk, in Vietnamese. */

import { isFireKind, isSystemKind } from '../../alert/alert-kinds.svelte';
import type { Refused } from '../../alert/life';
import type { Action, Step } from '../../api/types';

const actions: Record<Action, string> = {
  acknowledge: 'Nhận xử lý',
  confirm: 'Xác nhận',
  reject: 'Báo giả…',
  close: 'Đóng',
  reopen: 'Mở lại…',
  note: 'Ghi chú…',
  claim: 'Nhận thay…',
  hand_over: 'Chuyển người xử lý…',
  receipt: 'Đã nhận tin',
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
  free: 'Chưa ai nhận: bấm Nhận xử lý',
  mine: 'Đồng chí đang giữ cảnh báo này',
};

const steps: Record<Step, string> = {
  captured: 'Hình chụp (giờ máy phân tích)',
  inferred: 'Máy nhận dạng xong (giờ máy phân tích)',
  spooled: 'Ghi sổ (giờ máy phân tích)',
  queued: 'Vào hàng đợi (giờ hàng đợi)',
  stored: 'Lưu kho (giờ trung tâm)',
  pushed: 'Gửi tới bàn trực (giờ trung tâm)',
  rendered: 'Hiện trên màn hình (giờ bàn trực)',
  acknowledged: 'Cán bộ nhận (giờ trung tâm)',
  verified: 'Có kết luận (giờ trung tâm)',
  closed: 'Đóng (giờ trung tâm)',
};

const fireLooks = [
  'Xem lại phim trước và sau lúc phát hiện',
  'Xác định địa chỉ, lối vào xe chữa cháy',
];

const placeLooks = ['Xem phim: người hay vật, hướng đi', 'Đối chiếu giờ và danh sách được phép'];

/** What is still seen, as the question before closing names it. */
function stillSeen(kind: string): string {
  const named: Readonly<Record<string, string>> = { fire: 'lửa', smoke: 'khói', arc: 'tia điện' };
  return named[kind] ?? 'dấu hiệu';
}

const blindLooks = [
  'Xem camera nào mất hình, từ lúc nào, vì sao',
  'Bố trí quan sát thay thế: camera gần đó, người tại chỗ',
];
const machineLooks = [
  'Xem mục Camera: những camera nào đang không được phân tích',
  'Cử người xem hình trực tiếp các camera đó cho đến khi máy chạy lại',
];
const evidenceLooks = ['Cảnh báo vẫn đến: xem hình trực tiếp thay cho phim chưa có'];
const centreLooks = ['Đọc dòng lý do trong cảnh báo để báo đúng việc cho kỹ thuật'];

/** What to look at first when the system itself is in trouble. */
function systemLooks(kind: string): readonly string[] {
  if (kind.startsWith('camera_')) return blindLooks;
  if (['worker_lost', 'detector_stalled', 'self_test_missed'].includes(kind)) return machineLooks;
  return ['evidence_lag', 'disk_low'].includes(kind) ? evidenceLooks : centreLooks;
}

export const desk = {
  alert: {
    waiting: 'Chờ tiếp nhận',
    answeredAfter: 'Tiếp nhận sau',
    lease: 'Còn để kết luận',
    leaseCosign: 'Chờ chỉ huy, còn',
    leaseOver: 'Quá hạn kết luận',
    camera: 'Camera',
    unchecked: 'Chưa qua kiểm tra lần hai',
    machineSaw: (chain: string) => `Máy thấy: ${chain}`,
    active: 'Đang diễn ra',
    cleared: (time: string) => `Hết dấu hiệu lúc ${time}, vẫn phải trả lời`,
    clearedAnswered: (time: string) => `Hết dấu hiệu lúc ${time}`,
    ownerSince: (name: string, time: string) => `${name} đã nhận lúc ${time}`,
    mineSince: (time: string) => `Đồng chí đã nhận lúc ${time}`,
    rejectedAs: (reason: string, name: string) => `Báo giả: ${reason} · ${name}`,
    confirmedBy: (name: string) => `Xác nhận là thật · ${name}`,
    closedAt: (time: string) => `Đã đóng lúc ${time}`,
    comesAfter: (number: string, time: string) => `Sau cảnh báo ${number} lúc ${time} ở cùng chỗ`,
    cosign: (reason: string, name: string) => `Chờ chỉ huy ca đồng ký báo giả: ${reason} · ${name}`,
    cosignLeader: 'Bấm Báo giả để đồng ký, Xác nhận nếu là thật.',
    returned: 'Quá hạn kết luận, đã trả lại hàng chờ',
    escalated: (time: string) => `Đã báo chỉ huy ca lúc ${time}`,
    detailFailed: 'Chưa tải được chi tiết.',
  },
  stage: {
    label: 'Bằng chứng',
    film: 'Phim',
    picture: 'Ảnh',
    noStill: 'Chưa có hình',
    beside: (name: string) => `Camera bên cạnh: ${name}`,
    pictureAt: (time: string) => `Ảnh ${time}`,
    recording: 'Phim đang ghi…',
    ofDevice: 'Thiết bị báo động không có hình: xem camera bên cạnh',
    noFilm: 'Không có phim',
    partFilm: 'Chỉ có phim trước lúc phát hiện',
    noPicture: 'Không có ảnh của cảnh báo này',
    pictureComes: 'Ảnh đang tới…',
    pictureLate: 'Ảnh tới chậm: kho bằng chứng chưa nhận',
    ofEarlier: (number: string) => `Hình của cảnh báo trước ${number}: cùng một vụ đang tiếp diễn`,
    filmFailed: 'Trình duyệt không chạy được phim này; đang hiện ảnh.',
    zoom: 'Phóng to',
    closeUp: 'Cận cảnh',
    strip: 'Chọn bằng chứng',
    evidenceIncomplete: 'Bằng chứng chưa lưu đủ: xem nhật ký máy chủ',
    download: 'Tải phim về',
    pictureFailed: 'Không tải được ảnh bằng chứng',
    boxes: 'Khung nhận dạng',
    frame: 'Khung hình',
    frameBack: 'Lùi một khung hình',
    frameForward: 'Tiến một khung hình',
    play: 'Chạy phim',
    pause: 'Dừng phim',
    scrub: 'Vị trí trong phim',
    moment: 'Lúc phát hiện',
    notLive: (time: string) => `Không trực tiếp — ghi lúc ${time}`,
    boxText: (label: string, confidence: string, reason: string) =>
      [`${label} ${confidence}`.trim(), reason].filter(Boolean).join(' · '),
    snapshotAlt: (what: string, where: string) => `Ảnh chụp: ${what}, ${where}`,
  },
  actions: {
    ...actions,
    label: 'Thao tác',
    cosign: 'Đồng ký báo giả',
    more: 'Khác',
    silence: 'Tắt tiếng 60 s',
    unsilence: 'Bật tiếng lại',
    sending: 'Đang gửi…',
    comment: 'Ghi ý kiến…',
    agencyMay:
      'Đồng chí xác nhận đã nhận tin và ghi ý kiến về cảnh báo của đơn vị mình. Kết luận là việc của trực ban.',
    receiptGiven: (name: string, at: string) => `${name} đã nhận tin lúc ${at}.`,
    readOnly: (role: string) => `Chỉ xem: vai trò ${role} không thao tác trên cảnh báo`,
    refused: refusals,
  },
  faults: {
    missing: 'Chưa điền mục này.',
    wrong: 'Chưa đúng dạng.',
    short: 'Còn ngắn quá.',
    range: (from: string, to: string) => `Phải từ ${from || '…'} đến ${to || '…'}.`,
  },
  reject: {
    title: 'Vì sao là báo giả?',
    titleMany: (count: number, cameras: number) =>
      cameras > 1
        ? `Vì sao ${count} cảnh báo ở ${cameras} camera này là báo giả?`
        : `Vì sao ${count} cảnh báo này là báo giả?`,
    accept: 'Enter: đồng ý lý do đã đề nghị',
    cosign: 'Đồng ký báo giả vì',
    hint: 'Bấm số của lý do',
    p1: 'Cảnh báo khẩn cấp: cần chỉ huy ca đồng ký.',
    note: 'Ghi chú',
    noteNeeded: 'Ghi rõ lý do khác',
    send: 'Báo giả',
    cancel: 'Hủy',
  },
  menus: {
    cancel: 'Hủy',
    close: {
      label: 'Đóng cảnh báo còn thấy',
      title: (kind: string) => `Vẫn còn thấy ${stillSeen(kind)} — đóng?`,
      many: (count: number) => `${count} cảnh báo vẫn còn thấy — đóng?`,
      seenAt: (time: string) => `Thấy lần cuối ${time}`,
      send: 'Vẫn đóng',
    },
    reopen: { title: 'Mở lại vì sao?', note: 'Lý do mở lại', send: 'Mở lại' },
    note: { title: 'Ghi chú', note: 'Ghi điều cần để lại cho ca sau', send: 'Ghi' },
    claim: {
      title: 'Nhận thay',
      from: (name: string) => `Đang do ${name} xử lý. Nhận thay?`,
      note: 'Lý do (không bắt buộc)',
      send: 'Nhận thay',
    },
    handOver: {
      title: 'Chuyển cho ai xử lý?',
      hint: 'Bấm số của người nhận',
      note: 'Dặn dò (không bắt buộc)',
      nobody: 'Không có ai khác đang trực. Người nhận phải nhận ca trước.',
    },
  },
  outcome: {
    conflict: (name: string, time: string) => `${name} đã nhận lúc ${time}`,
    conflictVerdict: (name: string, state: string, time: string) =>
      `${name} đã trả lời “${state}” lúc ${time}`,
    stale: 'Cảnh báo vừa thay đổi. Xem lại rồi bấm lại.',
    unreachable: 'Máy chủ không trả lời: chưa rõ lệnh đã có hiệu lực chưa. Nối lại rồi xem lại.',
    forbidden: 'Đồng chí không có quyền làm việc này.',
    failed: (detail: string) => `Không thực hiện được: ${detail}`,
    unread: 'Đề nghị vừa hiện ra: đọc rồi bấm lại.',
    noCameraNear: 'Không có camera nào gần tủ báo này đang có hình.',
    guarded: 'Danh sách vừa đổi dòng. Bấm lại để chắc chắn.',
    notYet: 'Danh sách đang tải. Bấm lại khi thấy cảnh báo.',
    noReason: (number: string) => `chưa chọn lý do cho ${number}`,
    notNow: (action: string, why: string) => `${action}: ${why}`,
    handedOver: (name: string) => `Đã chuyển cho ${name} xử lý.`,
    noted: 'Đã ghi chú vào diễn biến.',
    receipted: 'Trực ban đã thấy đơn vị nhận tin.',
    cosignWanted: (name: string, where: string) => `${name} đề nghị báo giả, chờ đồng ký: ${where}`,
    takenFromYou: (name: string, where: string) => `${name} đã nhận thay đồng chí: ${where}`,
    handedToYou: (what: string, where: string) =>
      `Vừa được chuyển cho đồng chí xử lý: ${what}, ${where}`,
    silenced: 'Đã tắt tiếng bàn này 60 giây. Cảnh báo vẫn chưa được trả lời.',
    unsilenced: 'Đã bật tiếng lại.',
  },
  haze: {
    title: 'Camera trong vùng sương, khói',
    explained:
      'Dấu hiệu khói của các camera này nằm ở mục Cần xem, không báo khẩn. Có lửa, hoặc có cột khói nổi rõ, máy vẫn báo khẩn riêng.',
  },
  place: {
    title: 'Vị trí',
    sketch: 'Sơ đồ camera quanh đây',
    call: (number: string) => `Gọi ${number}`,
    noCoordinates: 'Camera này chưa có tọa độ',
    blindArea: 'mất hình',
    facing: (direction: string) => `hướng ${direction}`,
    directions: ['Bắc', 'Đông Bắc', 'Đông', 'Đông Nam', 'Nam', 'Tây Nam', 'Tây', 'Tây Bắc'],
    scale: (metres: string) => `${metres} m`,
  },
  checklist: {
    title: 'Cần làm',
    take: (seconds: number) => `Nhận xử lý trong ${seconds} giây`,
    takenAfter: (age: string) => `tiếp nhận sau ${age}`,
    looks: (kind: string): readonly string[] => {
      if (isFireKind(kind)) return fireLooks;
      return isSystemKind(kind) ? systemLooks(kind) : placeLooks;
    },
    judge: 'Kết luận: thật hay báo giả',
    tell: (kind: string): string => {
      if (isFireKind(kind)) return 'Nếu thật: gọi 114, ghi người nhận tin';
      if (isSystemKind(kind))
        return kind.startsWith('camera_')
          ? 'Báo kỹ thuật và đơn vị quản lý camera, ghi người nhận tin'
          : 'Báo kỹ thuật trực, ghi người nhận tin';
      return 'Nếu thật: báo công an phường';
    },
    over: (kind: string): string =>
      kind.startsWith('camera_') ? 'Chờ hình trở lại, xem lại bằng mắt' : 'Chờ máy báo đã hết lỗi',
    closeIt: 'Đóng cảnh báo',
    agency: {
      look: 'Xem hình, vị trí và diễn biến',
      receipt: 'Bấm “Đã nhận tin” để trực ban biết đơn vị đã nắm',
      comment: 'Ghi điều đơn vị biết: người trực, việc đang làm tại chỗ',
    },
  },
  stepClock: { title: 'Đồng hồ từng bước', steps, after: (seconds: string) => `+${seconds} s` },
  log: {
    title: 'Diễn biến (giờ trung tâm)',
    empty: 'Chưa có thao tác nào',
    evidence: (count: number) => `${count} tệp bằng chứng`,
    machine: 'Máy',
    givenTo: (name: string) => `cho ${name}`,
    takenFrom: (name: string) => `từ ${name}`,
  },
};
