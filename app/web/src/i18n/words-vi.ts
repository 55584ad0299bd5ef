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

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/(\d+) of (?:the )?(?:last )?(\d+) looks?/g, '$1/$2 lần nhìn'],
  [/\bgrowing\b/g, 'lớn dần'],
  [/\bflicker(?:s|ing)?\b/g, 'bập bùng'],
  [/\bsteady\b/g, 'đứng yên'],
  [/\bunchecked\b/g, 'chưa kiểm tra lần hai'],
  [/\bin zone\b/g, 'trong khu'],
  [/\bcleared\b/g, 'hết dấu hiệu'],
];

const LOG_ACTIONS: Readonly<Record<string, string>> = {
  raised: 'Máy phát hiện',
  raise: 'Máy phát hiện',
  updated: 'Vẫn còn thấy',
  update: 'Vẫn còn thấy',
  cleared: 'Hết dấu hiệu',
  clear: 'Hết dấu hiệu',
  returned: 'Dấu hiệu trở lại',
  escalated: 'Tăng ưu tiên',
  acknowledge: 'Nhận xử lý',
  acknowledged: 'Nhận xử lý',
  confirm: 'Xác nhận là thật',
  confirmed: 'Xác nhận là thật',
  reject: 'Báo giả',
  rejected: 'Báo giả',
  cosign: 'Đồng ký báo giả',
  close: 'Đóng',
  closed: 'Đóng',
  reopen: 'Mở lại',
  reopened: 'Mở lại',
  lease_expired: 'Quá hạn kết luận, trả lại hàng chờ',
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
