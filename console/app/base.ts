/** Where the API is: beside this page, whatever stands before it in the path (a stage of API Gateway does). */
export const base = (location: Pick<Location, 'href'>): URL => new URL('.', location.href.split(/[?#]/)[0]);

/** This page's own address, without what stands behind it: where a provider sends people back to. */
export const page = (location: Pick<Location, 'href'>): URL => new URL(location.href.split(/[?#]/)[0] ?? '');
