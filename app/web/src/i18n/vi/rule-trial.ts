/** Words of a rule's trial on the last hour, in Vietnamese. */

import type { components } from '../../api/schema';

const states: Record<components['schemas']['TrialState'], string> = {
  running: 'đang xem lại phim…',
  done: 'đã xem hết phim',
  limited: 'hết thời gian cho phép',
  cancelled: 'đã hủy',
  failed: 'việc thử bị dừng giữa chừng, nhật ký máy chủ cho biết vì sao',
};

export const ruleTrial = {
  ruleTrial: {
    title: 'Thử luật',
    begin: 'Thử luật này trên một giờ vừa qua',
    cancel: 'Hủy thử',
    harmless: 'Chỉ xem lại phim đã ghi, không tạo cảnh báo nào.',
    found: (count: number) =>
      count === 0 ? 'Luật này sẽ không báo lần nào.' : `Luật này sẽ báo ${count} lần.`,
    soFar: (count: number) => `Đến giờ: ${count} lần.`,
    states,
    recorded: (seconds: number) =>
      seconds < 120
        ? `chỉ có ${seconds} giây phim trong 60 phút`
        : `có ${Math.floor(seconds / 60)} phút phim trong 60 phút`,
    seenTo: (time: string) => `mới xem đến ${time}`,
    seenNothing: 'chưa xem được đoạn nào',
    unreadable: (count: number) => `${count} đoạn phim hỏng đã bỏ qua`,
    picture: 'Hình lúc luật sẽ báo',
  },
};
