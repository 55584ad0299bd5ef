/** Words of putting a camera on the map, in Vietnamese. */

export const placing = {
  placing: {
    label: 'Đặt camera trên bản đồ',
    click: 'Bấm vào bản đồ để đặt camera, hoặc gõ vĩ độ và kinh độ.',
    how: 'Bấm hoặc kéo chấm xanh để đổi chỗ; kéo chấm phía trước để xoay hướng nhìn. Nhớ bấm Lưu.',
  },
};
