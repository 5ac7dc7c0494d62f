"""One Alembic history; one PostgreSQL schema a module. Each migration names one module's schema."""
