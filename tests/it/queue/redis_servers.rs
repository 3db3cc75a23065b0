//! redis_servers
