namespace AiDc.Trainer.Checkpoints;

/// <summary>Everything needed to go on with a run, in managed memory.</summary>
/// <param name="Model">Parameters and buffers.</param>
/// <param name="Optimizer">The optimizer's state.</param>
/// <param name="Best">The model at the epoch with the lowest validation loss, when early stopping asks for it.</param>
public sealed record Checkpoint(
    TrainingState State,
    IReadOnlyList<HostTensor> Model,
    IReadOnlyList<HostTensor> Optimizer,
    IReadOnlyList<HostTensor>? Best);
