/** Words of the roster (lịch trực), in Vietnamese. */

import type { DutyKind, RosterView } from '../../shifts/roster';

const duties: Record<DutyKind, string> = { desk: 'Trực ban', on_call: 'Nhận tin gửi ra' };
const views: Record<RosterView, string> = { week: 'Tuần', month: 'Tháng' };

export const roster = {
  how: 'Ai trực lúc nào. Bàn trực lấy ca từ lịch này: người khác vẫn nhận ca được, máy nhắc và ghi vào nhật ký. “Nhận tin gửi ra” là người được báo ở những nơi nhận gửi theo lịch trực.',
  duties,
  views,
  before: 'Trước',
  after: 'Sau',
  today: 'Hôm nay',
  day: 'Ngày',
  nobody: 'chưa có ai',
  problems: 'Chỗ sai trong lịch',
  problem: (
    fault: 'gap' | 'double',
    duty: string,
    from: string,
    to: string,
    name: string,
  ): string =>
    fault === 'gap'
      ? `Chưa có ai: ${duty}, từ ${from} đến ${to}.`
      : `${name} có hai lượt trực trùng giờ, từ ${from} đến ${to}.`,
  swap: 'Đổi',
  swapWith: (one: string, other: string) => `Đổi ${one} với ${other}`,
  swapReason: (name: string) => `Lý do đổi lượt của ${name}, rồi chọn lượt của người kia`,
  swapped: (name: string) => `đổi với ${name}`,
  remove: 'Bỏ',
  removeAsked: (name: string) => `Bỏ lượt trực của ${name}?`,
  add: 'Thêm một lượt trực 24 giờ',
  person: 'Người trực',
  duty: 'Việc',
  begins: 'Từ lúc',
  addNow: 'Thêm',
  file: 'Nhập từ tệp CSV hoặc Excel',
  fileHow:
    'Cột: date, username (tài khoản hoặc họ tên), duty (desk, on_call), begins, hours. Máy xem trước; sai một dòng thì không nhập dòng nào.',
  fileNow: 'Nhập',
  filePlan: (count: number) => `Đọc được ${count} lượt trực.`,
  fileDone: (count: number) => `Đã thêm ${count} lượt trực.`,
  line: (line: number) => `Dòng ${line}:`,
};
