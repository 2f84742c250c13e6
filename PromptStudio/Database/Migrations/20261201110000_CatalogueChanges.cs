using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PromptStudio.Database.Migrations
{
    /// <summary>Numbers the changes that nodes keep in memory, and tells of them.</summary>
    public partial class CatalogueChanges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The row of catalogue_state is locked from the number to the end of the commit, so numbers are in the order of commits and have no gaps. The triggers
            // wait for the commit, so that this is short, and nobody holds it while they wait for something else.
            migrationBuilder.Sql(
                """
                CREATE TABLE catalogue_state (
                    id boolean PRIMARY KEY DEFAULT true CHECK (id),
                    sequence bigint NOT NULL
                );

                INSERT INTO catalogue_state (sequence) VALUES (0);

                CREATE TABLE catalogue_changes (
                    sequence bigint PRIMARY KEY,
                    kind character varying(20) NOT NULL,
                    subject text NOT NULL,
                    created_at timestamp with time zone NOT NULL DEFAULT now()
                );

                CREATE FUNCTION note_catalogue_change() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    before text := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ->> TG_ARGV[1] END;
                    after text := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ->> TG_ARGV[1] END;
                    changed text;
                    number bigint;
                BEGIN
                    FOR changed IN SELECT DISTINCT subject FROM unnest(ARRAY[before, after]) AS subject WHERE subject IS NOT NULL LOOP
                        UPDATE catalogue_state SET sequence = sequence + 1 RETURNING sequence INTO number;
                        INSERT INTO catalogue_changes (sequence, kind, subject) VALUES (number, TG_ARGV[0], changed);
                    END LOOP;
                    NOTIFY catalogue_changes;
                    RETURN NULL;
                END $$;

                CREATE CONSTRAINT TRIGGER note_catalogue_change AFTER INSERT OR DELETE OR UPDATE OF name, archived_at ON prompts
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_catalogue_change('prompt', 'name');

                CREATE CONSTRAINT TRIGGER note_catalogue_change
                AFTER INSERT OR DELETE OR UPDATE OF name, category, template_text, template_format, template_variables, version, is_active, revision, frozen_at, store_rendered_prompt ON prompt_templates
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_catalogue_change('prompt', 'name');

                CREATE CONSTRAINT TRIGGER note_catalogue_change AFTER INSERT OR DELETE OR UPDATE ON prompt_labels
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_catalogue_change('prompt', 'prompt_name');

                CREATE CONSTRAINT TRIGGER note_catalogue_change
                AFTER INSERT OR DELETE OR UPDATE OF key_hash, name, scopes, bound_names, bound_categories, expires_at, revoked_at ON api_keys
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_catalogue_change('key', 'id');
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP TRIGGER note_catalogue_change ON prompts;
                DROP TRIGGER note_catalogue_change ON prompt_templates;
                DROP TRIGGER note_catalogue_change ON prompt_labels;
                DROP TRIGGER note_catalogue_change ON api_keys;
                DROP FUNCTION note_catalogue_change;
                DROP TABLE catalogue_changes;
                DROP TABLE catalogue_state;
                """);
        }
    }
}
