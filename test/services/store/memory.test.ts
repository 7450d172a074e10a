import { memoryStore } from '../../../services/store/memory.ts';
import { storeConformance } from '../../conformance/store.ts';

storeConformance('the memory store', async (options) => memoryStore(options));
