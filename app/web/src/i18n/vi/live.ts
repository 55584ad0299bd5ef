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
};
