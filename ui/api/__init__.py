"""JSON API under /api: the seed's paths, bodies and answers over our domain. Swagger at /docs.

Modules here do not postpone their annotations: FastAPI reads those of routes that are made inside a function.
"""
