export { couriersOf } from '../adapters/couriers.ts';
