/** Words of live view, in Vietnamese. */

export const live = {
  live: {
    label: (camera: string) => `Hình trực tiếp, ${camera}`,
    connecting: 'Đang kết nối…',
    live: 'Trực tiếp',
    pictures: 'Trực tiếp bằng ảnh liên tiếp — không dùng được WebRTC',
    notLive: (at: string) => `Không trực tiếp — ảnh lúc ${at}`,
    box: (label: string, confidence: string, agoS: number) =>
      `${label} ${confidence}${agoS >= 1 ? ` · ${agoS} giây trước` : ''}`.trim(),
    noPicture: 'Không trực tiếp — chưa có hình',
  },
  ptz: {
    title: 'Quay camera',
    free: 'Chưa có ai điều khiển',
    mine: 'Đồng chí đang điều khiển',
    held: (name: string | null) =>
      name === null ? 'Đang có người điều khiển' : `Đang điều khiển: ${name}`,
    take: 'Nhận điều khiển',
    takeOver: 'Giành quyền điều khiển',
    release: 'Thôi điều khiển',
    away: 'Camera đang quay chỗ khác.',
    atPreset: (name: string) => `Camera đang ở góc “${name}”.`,
    drawn: 'Vùng giám sát vẽ cho góc gốc: cảnh báo theo vùng lúc này có thể sai chỗ hoặc bị sót.',
    homeIn: (seconds: number) =>
      `Tự về góc gốc sau ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.`,
    runaway:
      'CAMERA KHÔNG DỪNG. Hệ thống vẫn đang ra lệnh dừng; báo kỹ thuật tắt nguồn rồi bật lại camera.',
    problem: (reason: string) =>
      ({
        unauthorized: 'Camera không nhận tên đăng nhập hoặc mật khẩu. Báo kỹ thuật sửa.',
        unreachable: 'Không kết nối được với camera.',
        unanswered: 'Camera trả lời quá chậm. Lệnh vừa rồi có thể chưa thực hiện.',
        not_onvif: 'Camera trả lời không đúng chuẩn ONVIF. Báo kỹ thuật kiểm tra địa chỉ ONVIF.',
        turning: 'Camera còn đang quay, đang ra lệnh dừng lại.',
      })[reason] ?? 'Camera từ chối lệnh này.',
    directions: 'Hướng quay',
    ways: {
      up: 'Quay lên',
      down: 'Quay xuống',
      left: 'Quay trái',
      right: 'Quay phải',
      upLeft: 'Quay lên trái',
      upRight: 'Quay lên phải',
      downLeft: 'Quay xuống trái',
      downRight: 'Quay xuống phải',
      stop: 'Dừng',
    },
    zoom: 'Thu phóng',
    closer: 'Phóng to',
    wider: 'Thu nhỏ',
    speed: 'Tốc độ',
    speeds: { slow: 'Chậm', middle: 'Vừa', fast: 'Nhanh' },
    home: 'Về góc gốc',
    presets: 'Góc đặt sẵn',
    asking: 'Đang hỏi camera các góc đặt sẵn…',
    noPresets: 'Camera chưa có góc đặt sẵn.',
    lookThere: 'Cho camera lân cận nhìn vào đây',
    callOne: (name: string) => `Quay ${name}`,
    called: 'Đã ra lệnh quay.',
    silent: 'Máy chủ không trả lời. Hãy bấm lại.',
    keys: 'Phím: ← ↑ → ↓ để quay, + và − để phóng, thả ra là dừng.',
  },
};
