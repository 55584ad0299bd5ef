/** The field's own terms in Vietnamese, and the sentences made of one term. */

import { ruleKinds } from '../../alert/rule-kinds.svelte';
import { type Kind } from '../../alert/kind';
import type { Severity } from '../../alert/severity';
import type { AlertState, RejectReason, Role } from '../../api/types';
import { labelsVi, logActionVi, logReasonVi, reasonVi } from './machine';

const kinds: Record<Kind, string> = {
  fire: 'Nghi cháy · lửa',
  smoke: 'Nghi cháy · khói',
  arc: 'Nghi chập điện cột',
  intrusion: 'Xâm nhập khu vực',
  crowd: 'Tụ tập đông người',
  loitering: 'Lảng vảng bất thường',
  stopped_vehicle: 'Xe dừng bất thường',
  exit: 'Rời khu cách ly',
  camera_event: 'Camera báo tín hiệu',
  haze: 'Sương mù / khói diện rộng',
  camera_offline: 'Mất hình camera',
  camera_frozen: 'Hình camera đứng',
  camera_tampered: 'Camera bị che hoặc xoay',
  worker_lost: 'Mất máy phân tích',
  centre_lost: 'Mất trung tâm dự phòng',
  detector_stalled: 'Bộ nhận dạng dừng',
  queue_lag: 'Hàng đợi chậm',
  event_gap: 'Thiếu sự kiện',
  self_test_missed: 'Hệ thống tự kiểm tra: không đạt',
  evidence_lag: 'Ảnh, phim chưa lưu được',
  recording_gap: 'Không ghi hình được',
  disk_low: 'Đĩa sắp đầy',
  clock_skew: 'Đồng hồ máy sai giờ',
  config_problem: 'Cấu hình có lỗi',
  delivery_failed: 'Không gửi được ra ngoài',
  device_fault: 'Thiết bị báo động có sự cố',
  telephone_fault: 'Mất kết nối tổng đài',
  account_guessed: 'Tài khoản bị dò mật khẩu',
};

const confirmedKinds: Readonly<Record<string, string>> = {
  fire: 'Cháy · lửa',
  smoke: 'Cháy · khói',
  arc: 'Chập điện cột',
};

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
};

export const terms = {
  dayUnit: 'ngày',
  /** Beside a field of a date and a time. */
  momentRead: (at: string) => `${at}, giờ Hà Nội`,
  nobody: '—',
  dismiss: 'Bỏ qua',
  file: { choose: 'Chọn tệp', none: 'Chưa chọn tệp' },
  kinds,
  kindTitle: (kind: string, state: AlertState) =>
    (state === 'confirmed' ? confirmedKinds[kind] : undefined) ??
    (kinds as Record<string, string>)[kind] ??
    ruleKinds.name(kind, 'vi', state === 'confirmed') ??
    'Cảnh báo khác',
  /** A rule by what it raises, where it is named after that; else by its own id. */
  ruleName: (rule: string) => (kinds as Record<string, string>)[rule] ?? rule,
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
  details: 'Chi tiết',
  logActions: logActionVi,
  logReason: logReasonVi,
};
