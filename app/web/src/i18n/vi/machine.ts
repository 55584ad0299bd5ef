/** The machine's own words, said in Vietnamese: labels, the reason chain of an event, the action log. */

const LABELS: Readonly<Record<string, string>> = {
  fire: 'lửa',
  smoke: 'khói',
  person: 'người',
  bicycle: 'xe đạp',
  car: 'ô tô',
  motorcycle: 'xe máy',
  bus: 'xe buýt',
  truck: 'xe tải',
};

/** Stages that the detector names in the chain; what is not listed here is shown as it is. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/(\d+) of (\d+) looks/g, '$1/$2 lần nhìn'],
  [/\bchange not measured\b/g, 'chưa đo biến động'],
  [/\binner change (\d+)/g, 'biến động $1'],
  [/\bwarmth (\d+)/g, 'màu lửa $1'],
  [/\bgrey picture\b/g, 'hình không màu'],
  [/\breturned after (\d+) s\b/g, 'trở lại sau $1 s'],
  [/\bnot seen for (\d+) s\b/g, 'không thấy $1 s'],
  [/\bfire too\b/g, 'có cả lửa'],
  [/\bsmoke too\b/g, 'có cả khói'],
  [/\barea doubled\b/g, 'rộng gấp đôi'],
  [/\bsurer: ([\d.]+)/g, 'chắc hơn: $1'],
  [/\bstill seen\b/g, 'vẫn thấy'],
];

const LOG_ACTIONS: Readonly<Record<string, string>> = {
  opened: 'Máy phát hiện',
  spoke: 'Báo lại',
  updated: 'Vẫn còn thấy',
  cleared: 'Hết dấu hiệu',
  evidence: 'Lưu bằng chứng',
  acknowledge: 'Nhận xử lý',
  confirm: 'Xác nhận là thật',
  reject: 'Báo giả',
  close: 'Đóng',
  reopen: 'Mở lại',
  lease_expired: 'Quá hạn kết luận, trả lại hàng chờ',
};

const LOG_REASONS: Readonly<Record<string, string>> = {
  first: 'lần đầu',
  recurred: 'tái diễn',
  grew_after_rejection: 'lớn thêm sau khi báo giả',
  grew_after_closing: 'lớn thêm sau khi đóng',
  priority_rose: 'tăng mức ưu tiên',
  area_doubled: 'rộng gấp đôi',
  returned: 'trở lại',
  folded: 'cùng một vụ',
  evidence: '',
  cleared: '',
  lease_expired: '',
};

export function labelsVi(label: string): string {
  return LABELS[label] ?? label;
}

export function reasonVi(chain: string): string {
  return REASONS.reduce((text, [pattern, words]) => text.replace(pattern, words), chain);
}

export function logActionVi(action: string): string {
  return LOG_ACTIONS[action] ?? action;
}

export function logReasonVi(reason: string): string {
  return LOG_REASONS[reason] ?? reasonVi(reason);
}
