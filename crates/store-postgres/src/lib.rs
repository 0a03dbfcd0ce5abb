//! The cluster store on PostgreSQL.
