-- Included by roles.sql in each of the two databases: hides from its roles what counts hand-ins in the server's own
-- catalogues (decision 121), which is numbers of rows and transactions, sizes, positions of the log. Superusers keep all.
SELECT format('ALTER DATABASE %I SET track_counts = off', current_database()) \gexec

DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN
    SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND (
      proname ~ '^(pg_stat_get_|pg_ls_|lo_|txid_|pg_snapshot_|pg_xact_|pg_current_wal_|pg_current_xact_|pg_control_)'
      OR proname ~ '^pg_.*_size(_|$)'
      OR proname IN ('pg_current_snapshot', 'pg_last_committed_xact', 'pg_lock_status', 'pg_prepared_xact', 'age',
        'mxid_age', 'pg_relation_filenode', 'pg_relation_filepath', 'pg_get_multixact_members',
        'pg_export_snapshot'))
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
  END LOOP;
END $$;
-- For parallel dumps.
GRANT EXECUTE ON FUNCTION pg_export_snapshot() TO sotto_owner;
