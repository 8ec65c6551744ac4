namespace AiDc.Trainer.Models;

/// <summary>All that is needed to build a network that fits the data: what model.json records of it.</summary>
/// <param name="Channels">Channels of the input, 1 (grey) or 3 (colour) with the readers there are.</param>
/// <param name="Height">Input height in pixels.</param>
/// <param name="Width">Input width in pixels.</param>
/// <param name="Classes">Outputs of the last layer.</param>
public sealed record ModelSpec(string Name, bool BatchNorm, double Dropout, int Channels, int Height, int Width, int Classes);
