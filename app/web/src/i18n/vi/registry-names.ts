/** Words of agencies and areas in the registry, in Vietnamese. */

export const registryNames = {
  registryNames: {
    title: 'Đơn vị, khu vực',
    kinds: { agencies: 'Đơn vị', areas: 'Khu vực' },
    add: { agencies: 'Thêm đơn vị', areas: 'Thêm khu vực' },
    none: 'Chưa có mục nào.',
    name: 'Tên gọi',
    phone: 'Điện thoại',
    parent: 'Nằm trong khu vực',
    noParent: 'không nằm trong khu vực nào',
  },
};
