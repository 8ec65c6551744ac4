namespace AiDc.Trainer.Models;

/// <summary>Which network to build.</summary>
/// <param name="Name">One of <see cref="ModelCatalog.Names"/>.</param>
/// <param name="BatchNorm">Batch normalization after every convolution.</param>
/// <param name="Dropout">Share of the dense layer's outputs dropped in training, in [0, 1).</param>
public sealed record ModelOptions(string Name, bool BatchNorm, double Dropout);
