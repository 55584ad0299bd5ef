/** Words of drills (diễn tập) and of legal hold (lưu giữ theo yêu cầu), in Vietnamese. */

import type { Drill } from '../../drills/drill';

const outcomes: Record<Drill['outcome'], string> = {
  running: 'Đang diễn ra',
  right: 'Đúng',
  wrong: 'Sai',
  missed: 'Không kết luận',
  failed: 'Không hoàn thành',
};

export const drills = {
  drills: {
    open: 'Diễn tập…',
    title: 'Diễn tập',
    explained:
      'Một đoạn phim được phát thành cảnh báo ở camera đã chọn, mang chữ DIỄN TẬP ở mọi nơi. Cảnh báo thật mức 1 kết thúc diễn tập ngay.',
    scenario: 'Kịch bản',
    camera: 'Camera',
    start: 'Bắt đầu',
    startAnyway: 'Vẫn bắt đầu',
    urgentWait: (count: number) =>
      `Đang có ${count} vụ việc khẩn cấp thật chưa ai nhận. Diễn tập lúc này làm phân tâm cán bộ trực.`,
    end: 'Kết thúc',
    results: 'Kết quả các lần diễn tập',
    running: (scenario: string, camera: string) => `${scenario} · ${camera}`,
    preparing: 'đang chuẩn bị phim, lần đầu mất khoảng nửa phút',
    until: (time: string) => `kết thúc lúc ${time}`,
    shouldBe: (real: boolean): string =>
      real ? 'Trả lời đúng: xác nhận là thật.' : 'Trả lời đúng: báo giả.',
    startedAt: 'Lúc',
    taken: 'Nhận',
    judged: 'Kết luận',
    outcome: 'Kết quả',
    after: (name: string, seconds: number) => `${name}, sau ${seconds} giây`,
    realAlert: 'có cảnh báo thật',
    outcomes,
  },
  holds: {
    title: 'Lưu giữ theo yêu cầu (niêm phong)',
    held: (name: string, day: string) => `${name} lưu giữ theo yêu cầu từ ${day}`,
    none: 'Bằng chứng được xóa khi hết hạn lưu.',
    place: 'Lưu giữ theo yêu cầu',
    release: 'Bỏ lưu giữ theo yêu cầu',
    reason: 'Lý do (bắt buộc)',
  },
};
