using System.Text.Json;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Editor.Samples;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Editor;

/// <content>What can be done with the version; every rule is the commands' own.</content>
public sealed partial class EditorSession
{
    /// <summary>Saves the draft. Somebody else's change is never written over: then <see cref="Conflict"/> has it.</summary>
    /// <returns>Why it was not saved; null: it was.</returns>
    public async Task<Problem?> SaveAsync(CancellationToken cancellationToken)
    {
        var answer = await edit.RunAsync(await ActAsync(), Version.Id, Version.Revision, new PromptEdit
        {
            TemplateText = Text,
            TemplateFormat = Format,
            TemplateVariables = ContractElement(),
        }, cancellationToken);
        if (answer.Problem is { Code: "edit_conflict" })
            Conflict = (await prompts.FindAsync(await ActAsync(), Version.Id, cancellationToken)).Value;
        return await AfterAsync(answer, cancellationToken);
    }

    /// <summary>Goes on with one's own text over what somebody else saved: the next save replaces it.</summary>
    public void KeepMine()
    {
        var (text, format, contract) = (Text, Format, Contract);
        _version = Conflict ?? _version;
        (Text, Format, Contract, Conflict) = (text, format, contract, null);
    }

    /// <summary>Gives one's own text up for what somebody else saved.</summary>
    public void TakeTheirs()
    {
        if (Conflict is { } theirs)
            Take(theirs);
        Conflict = null;
    }

    /// <summary>Makes a version of what stands in the editor.</summary>
    public async Task<Answer<PromptDetail>> CreateVersionAsync(string message, CancellationToken cancellationToken) =>
        await versions.CreateAsync(await ActAsync(), Version.Id, new NewVersion
        {
            TemplateText = Text,
            TemplateFormat = Format,
            TemplateVariables = ContractElement(),
            Message = message,
        }, cancellationToken);

    /// <summary>What an activation of the version would meet.</summary>
    public Task<ContractCheck> CheckAsync(CancellationToken cancellationToken) =>
        store.CheckAsync(Version.Name, Version.TemplateVariables?.GetRawText(), cancellationToken);

    /// <summary>The version that callers get now; null: none.</summary>
    public async Task<PromptDetail?> ActiveAsync(CancellationToken cancellationToken) =>
        Versions.FirstOrDefault(version => version.IsActive) is { } active ? (await prompts.FindAsync(await ActAsync(), active.Id, cancellationToken)).Value : null;

    /// <summary>Any version of the prompt.</summary>
    public async Task<PromptDetail?> FindAsync(Guid id, CancellationToken cancellationToken) => (await prompts.FindAsync(await ActAsync(), id, cancellationToken)).Value;

    /// <summary>Puts the version into service; an older one than the active one is a rollback.</summary>
    public async Task<Problem?> ActivateAsync(bool force, CancellationToken cancellationToken) =>
        await AfterAsync(IsRollback
            ? await activation.RollBackAsync(await ActAsync(), Version.Name, Version.Version, force, cancellationToken)
            : await activation.ActivateAsync(await ActAsync(), Version.Id, force, cancellationToken), cancellationToken);

    /// <summary>Whether activating the version would go back.</summary>
    public bool IsRollback => Version.ActiveVersion is { } active && Version.Version < active && Version.ActivatedAt is not null;

    /// <summary>Undoes an activation: the version that was active before is so again, or none is.</summary>
    public async Task<Problem?> UndoActivationAsync(int? before, CancellationToken cancellationToken) =>
        await AfterAsync(before is { } version
            ? await activation.RollBackAsync(await ActAsync(), Version.Name, version, force: true, cancellationToken)
            : await activation.DeactivateAsync(await ActAsync(), Version.Id, cancellationToken), cancellationToken);

    public async Task<Problem?> DeactivateAsync(CancellationToken cancellationToken) =>
        await AfterAsync(await activation.DeactivateAsync(await ActAsync(), Version.Id, cancellationToken), cancellationToken);

    public async Task<Problem?> ApproveAsync(CancellationToken cancellationToken) =>
        await AfterAsync(await versions.ApproveAsync(await ActAsync(), Version.Id, Version.Revision, cancellationToken), cancellationToken);

    public async Task<Problem?> WithdrawApprovalAsync(CancellationToken cancellationToken) =>
        await AfterAsync(await versions.WithdrawApprovalAsync(await ActAsync(), Version.Id, cancellationToken), cancellationToken);

    /// <summary>The labels of the prompt.</summary>
    public async Task<IReadOnlyList<LabelPointer>> LabelsAsync(CancellationToken cancellationToken) =>
        (await labelStore.OfPromptAsync(await ActAsync(), Version.Name, cancellationToken)).Value?.Items ?? [];

    public async Task<Problem?> MoveLabelAsync(string label, int version, CancellationToken cancellationToken) =>
        await AfterAsync(await labels.MoveAsync(await ActAsync(), Version.Name, label, version, cancellationToken), cancellationToken);

    public async Task<Problem?> RemoveLabelAsync(string label, CancellationToken cancellationToken) =>
        await AfterAsync(await labels.RemoveAsync(await ActAsync(), Version.Name, label, cancellationToken), cancellationToken);

    public async Task<Problem?> ArchiveAsync(CancellationToken cancellationToken) =>
        await AfterAsync(await commands.ArchiveAsync(await ActAsync(), Version.Name, cancellationToken), cancellationToken);

    public async Task<Problem?> RestoreAsync(CancellationToken cancellationToken) =>
        await AfterAsync(await commands.RestoreAsync(await ActAsync(), Version.Name, cancellationToken), cancellationToken);

    /// <summary>Changes what all versions of the prompt share.</summary>
    public async Task<Problem?> ChangePromptAsync(PromptEdit change, CancellationToken cancellationToken) =>
        await AfterAsync(await edit.RunAsync(await ActAsync(), Version.Id, Version.Revision, change, cancellationToken), cancellationToken);

    /// <summary>Keeps the values under a name, for everybody.</summary>
    public async Task<Problem?> SaveSampleAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await samples.SaveAsync(await ActAsync(), Version.Name, name.Trim(), Values.Json, cancellationToken);
        Samples = (await samples.ListAsync(await ActAsync(), Version.Name, cancellationToken)).Value?.Items ?? Samples;
        return answer.Problem;
    }

    public async Task<Problem?> DeleteSampleAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await samples.DeleteAsync(await ActAsync(), Version.Name, name, cancellationToken);
        Samples = (await samples.ListAsync(await ActAsync(), Version.Name, cancellationToken)).Value?.Items ?? Samples;
        return answer.Problem;
    }

    /// <summary>What callers sent lately.</summary>
    public async Task<IReadOnlyList<ExecutedValues>> RecentAsync(CancellationToken cancellationToken) => await samples.RecentAsync(await ActAsync(), Version.Name, cancellationToken);

    private JsonElement ContractElement() => JsonElement.Parse(ContractJson ?? "null");

    /// <summary>The person as they are now: a role may have been taken away since the page was opened.</summary>
    private async Task<Actor> ActAsync() => Actor = await me.GetAsync();

    /// <summary>Shows how the version stands after a command; what stands in the editor stays.</summary>
    private async Task<Problem?> AfterAsync(Answer<PromptDetail> answer, CancellationToken cancellationToken)
    {
        if (answer.Value is null)
            return answer.Problem;
        if ((await prompts.FindAsync(await ActAsync(), Version.Id, cancellationToken)).Value is { } stored)
            _version = stored;
        await RefreshAsync(cancellationToken);
        return null;
    }
}
