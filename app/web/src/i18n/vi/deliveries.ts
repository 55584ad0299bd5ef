/** Words of what is sent outside, in Vietnamese; the centre's own sentences are English. */

import type { components } from '../../api/schema';
import type { TargetCondition } from '../../delivery/deliveries';

type State = components['schemas']['DeliveryState'];

const conditions: Record<TargetCondition, string> = {
  well: 'Đang nhận tốt',
  late: 'Chưa nhận được tin',
  refused: 'Có tin bị từ chối',
  untold: 'Chưa gửi lần nào',
  gone: 'Không còn trong cấu hình',
};

const states: Record<State, string> = {
  waiting: 'đang chờ gửi',
  delivered: 'đã nhận',
  dead: 'không gửi được',
  discarded: 'đã bỏ',
};

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^no answer within (.+) s$/, 'Không trả lời trong $1 giây'],
  [/^no connection: (.+)$/, 'Không kết nối được ($1)'],
  [/^the connection broke: (.+)$/, 'Kết nối bị đứt ($1)'],
  [/^redirects to (\S+),.*$/, 'Bị chuyển sang $1, máy không đi theo: kỹ thuật ghi lại url'],
  [
    /^the receiver does not accept our secret \((\d+)\)$/,
    'Nơi nhận không chấp nhận mã bí mật ($1)',
  ],
  [/^the receiver refuses this message \((\d+)\)$/, 'Nơi nhận từ chối tin này ($1)'],
  [/^the receiver answers (\d+)$/, 'Nơi nhận báo lỗi $1'],
  [
    /^the gateway answers (\d+), but does not say that it took it$/,
    'Nơi nhận trả lời $1 nhưng không báo là đã nhận tin',
  ],
  [
    /^the mail server does not accept our login \((.+)\)$/,
    'Máy chủ thư không chấp nhận tài khoản ($1)',
  ],
  [/^a mail server's login can be in ASCII alone$/, 'Tài khoản thư chỉ được dùng chữ không dấu'],
  [/^the mail server refuses the receiver \((.+)\)$/, 'Máy chủ thư từ chối người nhận ($1)'],
  [/^the mail server refuses the sender \((.+)\)$/, 'Máy chủ thư từ chối người gửi ($1)'],
  [/^the mail server refuses this message \((.+)\)$/, 'Máy chủ thư từ chối thư này ($1)'],
  [
    /^the mail server has no room: .*\((.+)\)$/,
    'Máy chủ thư không còn chỗ: thư quá lớn hoặc hộp thư đầy ($1)',
  ],
  [/^the mail server answers (.+)$/, 'Máy chủ thư báo lỗi $1'],
  [/^the mail server broke off$/, 'Máy chủ thư ngắt kết nối giữa chừng'],
  [
    /^the mail server does not offer TLS, or no login, .*$/,
    'Máy chủ thư không có TLS hoặc không cho đăng nhập như url ghi',
  ],
  [/^what answers there is no mail server$/, 'Nơi trả lời không phải máy chủ thư'],
  [/^TLS failed: .*$/, 'Không bắt tay TLS được: kỹ thuật xem lại cổng và kiểu mã hóa'],
  [/^its certificate is not trusted.*$/, 'Chứng thư của nơi nhận không tin được'],
  [/^no answer in time$/, 'Không trả lời kịp'],
  [/^it leads to another machine .*$/, 'Bị chuyển sang máy khác, máy không đi theo'],
  [/^it was not sent, and the library .*$/, 'Không gửi được, không rõ lý do'],
  [
    /^the library does not understand the address: .*$/,
    'Địa chỉ nơi nhận viết sai: kỹ thuật xem lại url',
  ],
  [/^the address is not http:.*$/, 'Địa chỉ nơi nhận phải bắt đầu bằng http:// hoặc https://'],
  [/^the process that sends ended$/, 'Tiến trình gửi tin bị dừng, máy sẽ khởi động lại'],
  [
    /^the process that sends did not start within (.+) s$/,
    'Tiến trình gửi tin không khởi động được trong $1 giây',
  ],
  [/^apprise is not installed: .*$/, 'Chưa cài thư viện gửi tin (apprise)'],
  [/^unexpected: (.+)$/, 'Lỗi của máy khi gửi ($1)'],
  [/^the broker does not accept our login$/, 'Máy chủ MQTT không chấp nhận tài khoản'],
  [/^the broker does not serve us: (.+)$/, 'Máy chủ MQTT không phục vụ ($1)'],
  [/^the name (\S+) is not known$/, 'Không tìm thấy tên máy $1'],
  [/^(\S+) leads to .*$/, 'Tên $1 trỏ tới địa chỉ không được phép'],
  [/^its time is over$/, 'Đường dẫn đã hết hạn trước khi gửi được'],
  [/^a newer one took its place$/, 'Đã thu hồi hoặc có đường dẫn mới hơn'],
  [/^its place is not known: a map cannot show it$/, 'Không có vị trí nên không lên bản đồ'],
  [/^too many wait$/, 'Quá nhiều tin chờ'],
  [/^not taken for three days; .*$/, 'Ba ngày không gửi được'],
];

export const deliveries = {
  lead: 'Những nơi bên ngoài được báo tin. Tin không gửi được ngay thì máy tự gửi lại, không mất. Việc khẩn: gọi điện thẳng, đừng chờ máy.',
  target: 'Nơi nhận',
  condition: 'Tình trạng',
  waiting: 'Đang chờ',
  delivered: 'Nhận lần cuối',
  tested: 'Tin thử',
  test: 'Gửi tin thử',
  none: 'Chưa khai báo nơi nhận nào.',
  gone: 'đã bỏ khỏi cấu hình',
  own: 'Khai báo nơi nhận',
  ofFiles: 'Nơi nhận được khai báo trong tệp cấu hình ([[targets]]): kỹ thuật sửa tại đó.',
  kind: 'Loại nơi nhận',
  id: 'Mã (chữ không dấu, số, gạch)',
  add: 'Thêm nơi nhận',
  keep: 'Lưu thay đổi',
  added: 'Đã thêm. Nơi nhận được báo những việc xảy ra từ bây giờ.',
  kept: 'Đã lưu thay đổi.',
  change: 'Sửa',
  changeOne: (id: string) => `Sửa nơi nhận ${id}`,
  remove: 'Bỏ nơi nhận',
  removeAsked: 'Nơi này sẽ không được báo tin nữa.',
  removed: 'Đã bỏ.',
  dead: 'Tin không gửi được',
  deadLead:
    'Nơi nhận từ chối, hoặc ba ngày không nhận. Sửa xong nguyên nhân thì gửi lại; không cần nữa thì bỏ.',
  noDead: 'Không có.',
  newest: (shown: number, all: number | null) =>
    all === null
      ? `Đang hiện ${shown} tin mới nhất.`
      : `Đang hiện ${shown} tin mới nhất trong ${all}.`,
  showMore: 'Xem thêm',
  dropped: 'Tin đã bỏ',
  droppedLead:
    'Quản trị viên đã bỏ, hoặc máy thấy không cần gửi (ghi ở lý do). Giữ 30 ngày; bỏ nhầm thì gửi lại.',
  noDropped: 'Chưa bỏ tin nào.',
  at: 'Lúc',
  about: 'Về',
  why: 'Lý do',
  retry: 'Gửi lại',
  discard: 'Bỏ',
  discardAsked: 'Nơi nhận sẽ không biết việc này.',
  conditions,
  states,
  saying: (sentence: string) => {
    const found = SENTENCES.find(([form]) => form.test(sentence));
    return found ? sentence.replace(found[0], found[1]) : sentence;
  },
};
