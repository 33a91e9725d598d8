/**
 * What `@peculiar/x509` demands before it is imported: somewhere to look for metadata of classes.
 * The classes that certificates are made with have none.
 */
Object.assign(Reflect, {
  getMetadata: () => undefined,
  getOwnMetadata: () => undefined,
  defineMetadata: () => {},
});
