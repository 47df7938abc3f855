// Stands for `node:worker_threads` where there are no threads.
export {};
