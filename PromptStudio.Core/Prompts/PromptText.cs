namespace PromptStudio.Core.Prompts;

/// <summary>How long the texts around a prompt may be, in UTF-16 units.</summary>
public static class PromptText
{
    /// <summary>A template's text.</summary>
    public const int TemplateMaxLength = 200_000;

    /// <summary>What a version is about.</summary>
    public const int MessageMaxLength = 500;

    /// <summary>What a prompt is for.</summary>
    public const int DescriptionMaxLength = 2_000;

    /// <summary>Who wrote something: an e-mail address, or the name of a key.</summary>
    public const int AuthorMaxLength = 255;

    /// <summary>A category's name.</summary>
    public const int CategoryMaxLength = 100;
}
