namespace AiDc.Trainer.Data.Folders;

/// <summary>The images and the folders below a root, hidden ones left out.</summary>
/// <param name="Root">The folder or the archive.</param>
/// <param name="Files">The images, in no order.</param>
/// <param name="Folders">Paths below the root, parts separated by '/', those without images too.</param>
/// <param name="Notes">What was left out, a sentence each.</param>
internal sealed record FileTree(string Root, IReadOnlyList<ImageFile> Files, IReadOnlyCollection<string> Folders, IReadOnlyList<string> Notes);
