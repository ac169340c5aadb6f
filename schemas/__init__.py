"""The bundled JSON Schemas, draft 2020-12, one file for each document and for statecheck's own output."""
