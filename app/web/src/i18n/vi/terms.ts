/** The field's own terms in Vietnamese, and the sentences made of one term. */

import { alertKinds } from '../../alert/alert-kinds.svelte';
import type { Severity } from '../../alert/severity';
import type { AlertState, RejectReason, Role } from '../../api/types';
import { labelsVi, logActionVi, logReasonVi, reasonVi } from './machine';

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
  test: 'Thử thiết bị',
  button: 'Bấm nút nhầm',
  fault: 'Thiết bị lỗi',
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
  crew: 'Tổ xe, công an phường (điện thoại)',
};

export const terms = {
  dayUnit: 'ngày',
  /** How long ago, as it is spoken: no clock, so that nobody takes it for a time of day. */
  span: (seconds: number) => {
    if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} giây`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} phút`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3600)} giờ`;
    return `${Math.floor(seconds / 86_400)} ngày`;
  },
  dateField: {
    hanoi: 'giờ Hà Nội',
    form: { date: 'ngày/tháng/năm', moment: 'ngày/tháng/năm giờ:phút', time: 'giờ:phút' },
    wrong: {
      date: 'Viết ngày/tháng/năm, ví dụ 24/11/2026',
      moment: 'Viết ngày/tháng/năm giờ:phút, ví dụ 24/11/2026 14:02',
      time: 'Viết giờ:phút, ví dụ 14:02',
    },
    tooEarly: (min: string) => `Không sớm hơn ${min}`,
  },
  nobody: '—',
  dismiss: 'Bỏ qua',
  file: { choose: 'Chọn tệp', none: 'Chưa chọn tệp' },
  kindTitle: (kind: string, state: AlertState) =>
    alertKinds.name(kind, 'vi', state === 'confirmed') ?? 'Cảnh báo khác',
  /** A kind of alert in a list; by itself where nobody named it. */
  kindName: (kind: string) => alertKinds.name(kind, 'vi') ?? kind,
  /** A rule by what it raises, where it is named after that; else by its own id. */
  ruleName: (rule: string) => alertKinds.name(rule, 'vi') ?? rule,
  states,
  reasons,
  severities,
  severityLabel: (severity: Severity) =>
    severity === 'system'
      ? 'Cảnh báo hệ thống'
      : `Ưu tiên ${severity.slice(1)}, ${severities[severity].toLowerCase()}`,
  roles,
  labels: labelsVi,
  reasonChain: reasonVi,
  /** The chain's first stage, which says how often it was seen, with what was seen. */
  sawOften: (chain: string, label: string) =>
    reasonVi(chain.split(' · ')[0] ?? '').replace('dấu hiệu', labelsVi(label) || 'dấu hiệu'),
  /** Of a list that ends although there is more. */
  cut: (shown: number) => `Chưa hiện hết: trên đây là ${shown} mục.`,
  details: 'Chi tiết',
  logActions: logActionVi,
  logReason: logReasonVi,
};
