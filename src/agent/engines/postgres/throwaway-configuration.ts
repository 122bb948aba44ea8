/**
 * Appended to a throwaway's postgresql.conf. It archives nothing and is reached through the socket in that directory
 * only; it may lose all on a crash, and it takes little memory, as production runs on the same host.
 */
export function throwawayConfiguration(directory: string): string {
  const settings = {
    listen_addresses: "",
    unix_socket_directories: directory,
    unix_socket_permissions: "0700",
    archive_mode: "off",
    wal_level: "minimal",
    max_wal_senders: "0",
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    autovacuum: "off",
    max_wal_size: "512MB",
    checkpoint_timeout: "30min",
    shared_buffers: "128MB",
    maintenance_work_mem: "128MB",
    max_connections: "50",
    // A restore of thousands of partitions, and facts of all of them.
    max_locks_per_transaction: "1024",
    shared_preload_libraries: "",
    log_min_messages: "warning",
    log_min_error_statement: "panic",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return `\n${lines.join("\n")}\n`;
}
