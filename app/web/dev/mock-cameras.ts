/** The mock's places, and a camera that sees at each. */

import type { CameraDetail } from '../src/api/types.ts';

export const PLACES: readonly [place: string, area: string, agency: string][] = [
  ['Trần Hưng Đạo – Hàng Bài', 'P. Cửa Nam', 'PC07'],
  ['Khách sạn Sông Hồng, sảnh 2', 'P. Ba Đình', 'Khách sạn Sông Hồng'],
  ['Khu A, cửa phụ', 'P. Yên Hòa', 'Khu cách ly Yên Hòa'],
  ['Hàng Bài – Lý Thường Kiệt', 'P. Hoàn Kiếm', 'PC08'],
  ['Hầm đi bộ Ngã Tư Sở', 'P. Đống Đa', 'Sở Xây dựng'],
  ['Nút mạng Long Biên 04', 'P. Long Biên', 'UBND P. Long Biên'],
  [
    'Chợ đầu mối nông sản và thực phẩm phía Nam, cổng hàng nhập số 12, dãy kho lạnh',
    'P. Hoàng Mai',
    'Ban quản lý chợ',
  ],
  ['Trạm biến áp Giảng Võ 3', 'P. Giảng Võ', 'EVN Hà Nội'],
];

export function mockCameras(): CameraDetail[] {
  return PLACES.map(([place, area, agency], i) => mockCamera(i, place, area, agency));
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function mockCamera(i: number, place: string, area: string, agency: string): CameraDetail {
  return {
    id: `th-${String(i + 17).padStart(3, '0')}`,
    name: place,
    area,
    agency,
    lat: 21.0245 + Math.sin(i * 2.4) * 0.0011 * i,
    lon: 105.8412 + Math.cos(i * 2.4) * 0.0011 * i,
    bearing_deg: (i * 67) % 360,
    state: 'online',
    reason: 'pictures',
    detail: 'pictures come',
    picture: 'ok',
    since: iso(Date.now() - 3_600_000),
    fps: 15,
    codec: 'h264',
    last_frame_at: iso(Date.now()),
    look_interval_s: 0.5,
    worker: `worker-${i % 2}`,
    sees: true,
    decoding: 'all',
    decoding_reason: null,
    moving: false,
    turns: false,
    crossings: {},
    ends_at: null,
    events: null,
    events_detail: null,
    objects: null,
    objects_detail: null,
  };
}
