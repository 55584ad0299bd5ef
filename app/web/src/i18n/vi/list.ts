/** Words of the desk's list of alerts, in Vietnamese. */

import type { Filter, Mark } from '../../alert/triage';

const filters: Record<Filter, string> = {
  open: 'Đang mở',
  cosign: 'Chờ đồng ký',
  still_seen: 'Đã đóng, vẫn thấy',
  unanswered: 'Chưa trả lời',
  working: 'Đang xử lý',
  review: 'Cần xem',
  fault: 'Kỹ thuật',
  closed: 'Đã đóng',
  shelved: 'Đang tạm ngưng báo',
};

/** On a small monitor, so that all of them stand in two lines. */
const shortFilters: Partial<Record<Filter, string>> = {
  cosign: 'Đồng ký',
  still_seen: 'Vẫn thấy',
  shelved: 'Tạm ngưng',
};

export const list = {
  list: {
    label: 'Danh sách cảnh báo',
    filters,
    shortFilters,
    filterLabel: 'Lọc danh sách',
    search: 'Tìm địa điểm, camera, mã số',
    held: (count: number) => `${count} cảnh báo mới đang chờ`,
    heldUrgent: (count: number) => `${count} khẩn cấp`,
    returned: (count: number) => `${count} cảnh báo trở lại chưa ai nhận`,
    left: (count: number) => `${count} dòng đã xong`,
    marks: { returned: 'trở lại', grown: 'lan rộng', burns: 'có lửa' } as Record<Mark, string>,
    sure: { call: 'có người gọi báo', device: 'thiết bị cũng báo' },
    deviceTells: (told: string, at: string) =>
      `cùng báo lúc ${at} (${told}); trả lời một lần cho cả hai`,
    fresh: 'mới',
    unclaimed: 'Chưa ai nhận',
    mine: 'Tôi',
    cosign: 'Chờ chỉ huy đồng ký',
    blindPlaces: (count: number) => `Mù ${count} nơi · xem bản đồ`,
    blindIncident: (name: string, more: number) =>
      `Vụ đang mở mà camera mất hình: ${name}${more > 0 ? ` +${more}` : ''}`,
    hiddenUrgent: (count: number) => `${count} cảnh báo khẩn cấp nằm ngoài bộ lọc`,
    showAll: 'Hiện tất cả',
    noMatch: 'Không có cảnh báo nào khớp.',
    loading: 'Đang tải cảnh báo…',
    loadFailed: 'Chưa tải được danh sách cảnh báo.',
    noPicture: 'Không có ảnh',
    pictureComes: 'Ảnh đang tới',
    noPlace: 'Chưa ghi địa điểm',
    newAlert: (what: string, where: string) => `Cảnh báo mới: ${what}, ${where}`,
    spokenAgain: (what: string, where: string) => `Báo lại: ${what}, ${where}`,
    cleared: 'hết dấu hiệu',
  },
  empty: {
    blindFirst: (blind: number) => `${blind} camera đang mất hình`,
    blindExplained: 'Không có cảnh báo KHÔNG có nghĩa là yên: các camera sau không nhìn thấy gì.',
    noCamera: 'Chưa có camera nào',
    noCameraExplained: 'Trung tâm chưa nhận hình từ camera nào; bàn trực này chưa canh gì cả.',
    unknown: 'Chưa biết camera nào đang nhìn',
    unknownExplained: 'Chưa nghe tin từ trung tâm.',
    calm: 'Không có cảnh báo',
    seeing: (online: number, total: number, time: string) =>
      `${online}/${total} camera đang nhìn, kiểm tra lúc ${time}`,
    proven: (time: string) => `Hệ thống tự kiểm tra: đạt, ${time}`,
    notProven: 'Hệ thống chưa tự kiểm tra lần nào',
    calmElsewhere: (online: number, total: number) =>
      `Không có cảnh báo từ ${online}/${total} camera còn nhìn được.`,
    doubts: (count: number) =>
      `Không có cảnh báo khẩn. ${count} dấu hiệu máy chưa chắc đang cần xem.`,
    nothingHere: 'Không có cảnh báo trong mục này.',
    othersOpen: (count: number) => `Mục này trống. ${count} cảnh báo đang mở ở mục khác.`,
  },
  flood: {
    title: (count: number) => `Cảnh báo dồn dập: ${count} trong 10 phút`,
    hint: 'Bấm để lọc',
    explained: 'Không bỏ cảnh báo nào. Bấm một nhóm để lọc.',
    group: (area: string, kind: string, count: number) =>
      `${area ? `${area} · ` : ''}${kind} ×${count}`,
    meter: 'Cảnh báo 10 phút qua',
    groups: 'Các nhóm cảnh báo',
    beside: (cameras: string) =>
      `Cùng lúc, camera gần đây cũng thấy: ${cameras}. Có thể là một vụ.`,
    pickBeside: 'Chọn cả nhóm',
  },
  bulk: {
    label: 'Tiến độ',
    picked: (rows: number, alerts: number) => `Đã chọn ${rows} dòng · ${alerts} cảnh báo`,
    explained: 'Phím bấm áp dụng cho tất cả.',
    waiting: (count: number) => `Đã đánh dấu ${count} dòng, tạm chưa áp dụng`,
    takeUp: (key: string) => `Phím bấm chỉ áp dụng cho dòng đang xem. ${key}: thêm dòng này.`,
    again: 'Chọn lại',
    drop: 'Bỏ chọn',
    progress: (done: number, total: number) => `Đang gửi ${done}/${total}`,
    failed: (count: number) => `${count} dòng không làm được:`,
    nothing: (action: string) => `${action}: không áp dụng được cho dòng nào đã chọn.`,
    done: (action: string, done: number, skipped: number) =>
      skipped > 0
        ? `${action}: xong ${done}, ${skipped} không làm được.`
        : `${action}: xong ${done}.`,
  },
};
