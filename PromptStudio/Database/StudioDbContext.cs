using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Editor.Samples;
using PromptStudio.Executions;
using PromptStudio.Experiments;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;

namespace PromptStudio.Database;

/// <summary>The studio's tables. A context lives for one operation; take it from <c>IDbContextFactory</c>.</summary>
/// <remarks>A new migration: <c>dotnet tool restore &amp;&amp; dotnet ef migrations add NAME --project PromptStudio --output-dir Database/Migrations</c>.</remarks>
public sealed class StudioDbContext(DbContextOptions<StudioDbContext> options)
    : IdentityDbContext<StudioUser, IdentityRole<Guid>, Guid>(options), IDataProtectionKeyContext
{
    public DbSet<Prompt> Prompts => Set<Prompt>();
    public DbSet<PromptTemplate> PromptTemplates => Set<PromptTemplate>();
    public DbSet<PromptLabel> PromptLabels => Set<PromptLabel>();
    public DbSet<ProtectedLabel> ProtectedLabels => Set<ProtectedLabel>();
    public DbSet<PromptSample> PromptSamples => Set<PromptSample>();
    public DbSet<PromptExecution> PromptExecutions => Set<PromptExecution>();
    public DbSet<ExecutionDay> ExecutionDays => Set<ExecutionDay>();
    public DbSet<ExecutionCountMark> ExecutionCountMarks => Set<ExecutionCountMark>();
    public DbSet<ExecutionRequest> ExecutionRequests => Set<ExecutionRequest>();
    public DbSet<PromptGuardrail> PromptGuardrails => Set<PromptGuardrail>();
    public DbSet<GuardrailViolation> GuardrailViolations => Set<GuardrailViolation>();
    public DbSet<AbTestExperiment> AbTestExperiments => Set<AbTestExperiment>();
    public DbSet<ExperimentPhase> ExperimentPhases => Set<ExperimentPhase>();
    public DbSet<ExperimentSnapshot> ExperimentSnapshots => Set<ExperimentSnapshot>();
    public DbSet<ExperimentDecision> ExperimentDecisions => Set<ExperimentDecision>();
    public DbSet<ExperimentJob> ExperimentJobs => Set<ExperimentJob>();
    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<AuditHead> AuditHeads => Set<AuditHead>();
    public DbSet<AuditCheck> AuditChecks => Set<AuditCheck>();
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<StudioUser>().ToTable("users").Property(user => user.CreatedAt).HasDefaultValueSql("now()");
        builder.Entity<IdentityRole<Guid>>().ToTable("roles");
        builder.Entity<IdentityUserRole<Guid>>().ToTable("user_roles");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("user_claims");
        builder.Entity<IdentityRoleClaim<Guid>>().ToTable("role_claims");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("user_logins");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("user_tokens");
        builder.Entity<IdentityUserPasskey<Guid>>().ToTable("user_passkeys");
        builder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        builder.ApplyConfigurationsFromAssembly(typeof(StudioDbContext).Assembly);
    }
}
