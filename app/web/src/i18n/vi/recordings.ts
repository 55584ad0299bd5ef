/** Words of playback, in Vietnamese. */

import type { GapReason } from '../../recordings/stretch';

const reasons: Record<GapReason, string> = {
  camera_offline: 'camera mất kết nối',
  data_damaged: 'hình đến bị hỏng trên đường truyền, không có hình nào bắt đầu được',
  codec_unsupported: 'kiểu nén của camera không ghi được (cần H.264 hoặc H.265)',
  disk_full: 'ổ ghi hình đầy',
  disk_missing: 'ổ ghi hình chưa được gắn vào máy',
  write_failed: 'không ghi được vào ổ',
  overloaded: 'ổ ghi không kịp',
  disk_stalled: 'ổ ghi bị treo',
  worker_stopped: 'máy phân tích đã dừng',
  worker_lost: 'máy phân tích bị ngắt đột ngột',
  recording_off: 'đã tắt ghi hình',
  not_recorded: 'camera này chưa được ghi hình',
  expired: 'đã hết hạn lưu',
  being_written: 'đang ghi, chưa xem lại được',
  others: 'khi đó camera thuộc đơn vị hoặc địa bàn khác',
  unknown: 'không rõ lý do',
};

export const recordings = {
  recordings: {
    title: 'Xem lại',
    reasons,
    missing: 'Không có hình',
    blind: (from: string, to: string) => `Máy không canh được: ${from} – ${to}`,
    marksCut: (most: number) =>
      `Đoạn này có nhiều cảnh báo: chỉ đánh dấu ${most} cảnh báo mới nhất.`,
    marksFailed: 'Chưa tải được cảnh báo và lúc mất hình của đoạn này, đang hỏi lại.',
    legend: { film: 'có phim', missing: 'không có phim', blind: 'máy không canh được' },
    filmOf: (name: string) => `Hình ghi lại của ${name}`,
    loading: 'Đang tải hình ghi lại…',
    empty: 'Không có hình ghi lại trong khoảng này.',
    failed: 'Chưa phát được đoạn ghi hình này.',
    axis: 'Trục thời gian',
    back: '−10 s',
    on: '+10 s',
    play: 'Phát',
    pause: 'Tạm dừng',
    speed: 'Tốc độ',
    hourBefore: '‹ 1 giờ trước',
    hourAfter: '1 giờ sau ›',
    goTo: 'Đến lúc',
    around: 'Camera lân cận lúc đó',
    open: 'Xem lại bốn camera cùng lúc',
    close: 'Đóng',
    removed: {
      title: 'Camera đã gỡ, còn phim',
      hint: 'Camera không còn được canh nhưng phim vẫn còn hạn lưu. Chỉ thấy phim của lúc camera thuộc đơn vị của đồng chí.',
      loading: 'Đang tải danh sách…',
      failed: 'Chưa tải được danh sách, đang hỏi lại.',
      none: 'Không có camera đã gỡ nào còn phim.',
      film: (from: string, to: string) => `Phim: ${from} – ${to}`,
      since: (at: string) => `Gỡ lúc ${at}`,
    },
    takeAway: 'Tải đoạn này về',
    howLong: 'Độ dài',
    minutesAround: (count: number) => `${count} phút quanh lúc này`,
    exported: (name: string) =>
      `Đã tải ${name}: phim và bản kê niêm phong. Việc tải đã ghi vào nhật ký.`,
  },
};
