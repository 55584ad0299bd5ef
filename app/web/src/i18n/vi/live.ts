/** Words of live view, in Vietnamese. */

export const live = {
  live: {
    label: (camera: string) => `Hình trực tiếp, ${camera}`,
    connecting: 'Đang kết nối…',
    live: 'Trực tiếp',
    pictures: 'Trực tiếp bằng ảnh liên tiếp — không dùng được WebRTC',
    notLive: (at: string) => `Không trực tiếp — ảnh lúc ${at}`,
    noPicture: 'Không trực tiếp — chưa có hình',
  },
};
