/** Words of shifts and hand-overs, in Vietnamese. */

import { clockTime } from '../../time/format';

export const duty = {
  duty: {
    open: 'Bàn giao ca…',
    title: 'Bàn giao ca',
    leaving: 'Chưa bàn giao ca. Bấm lần nữa để đăng xuất',
    onDuty: 'Đang trực',
    since: (name: string, time: string) => `${name}, từ ${time}`,
    nobody: 'Chưa ai nhận ca',
    notMine: 'Đồng chí chưa nhận ca. Bấm Nhận ca ở bàn trực trước.',
    items: (count: number) => `Việc chưa xong (${count})`,
    noItems: 'Không có việc nào đang mở.',
    itemsMore: (count: number) => `và ${count} việc nữa`,
    states: {
      new: 'chưa nhận',
      verifying: 'đang xác minh',
      confirmed: 'đã xác nhận là thật',
      dispatched: 'đã điều lực lượng',
      closed: 'đã kết thúc',
      rejected: 'báo giả',
    },
    requests: (count: number) => `${count} yêu cầu của đội chưa trả lời`,
    cameras: (down: number, total: number) => `Camera không có hình (${down}/${total})`,
    noCameras: 'Mọi camera đang có hình.',
    overdue: 'quá 26 giờ, có thể quên bàn giao',
    endShift: 'Kết thúc ca',
    endReason: 'Lý do kết thúc ca này',
    shelves: 'Đang tạm ngưng báo',
    noShelving: 'Hệ thống chưa có chức năng tạm ngưng báo.',
    noShelves: 'Không ngưng cảnh báo nào.',
    blocked: (count: number) => `Chưa ký được: ${count} việc khẩn cấp chưa ai nhận`,
    to: 'Giao cho',
    anybody: 'Người nhận ca kế tiếp',
    note: 'Lưu ý cho ca sau',
    sign: (name: string) => `Ký bàn giao · ${name}`,
    signing: 'Đang ký…',
    offered: (time: string) => `Đã ký lúc ${time}, chờ người nhận ký.`,
    offeredTo: (name: string, time: string) => `Đã ký lúc ${time}, chờ ${name} ký nhận.`,
    withdraw: 'Rút lại',
    incoming: (name: string, time: string) => `${name} bàn giao ca lúc ${time}`,
    view: 'Xem và ký nhận',
    accept: (name: string) => `Ký nhận ca · ${name}`,
    accepted: 'Đã ký nhận ca. Người giao đã hết ca.',
    noteFrom: 'Lưu ý',
    logHead: (seq: number, hash: string) => `Nhật ký thao tác lúc ký: dòng ${seq} · ${hash}`,
    failed: 'Chưa liên lạc được máy chủ; chưa ký.',
    loading: 'Đang lập biên bản…',
    relieved: (name: string | null, at: number) =>
      name === null
        ? `Ca của đồng chí đã kết thúc lúc ${clockTime(at)}. Bàn này chỉ còn xem.`
        : `Đã bàn giao ca cho ${name} lúc ${clockTime(at)}, cùng mọi cảnh báo đang xử lý. Bàn này chỉ còn xem.`,
    owner: (name: string) => `${name} đang xử lý`,
  },
};
