namespace AiDc.Trainer.Training;

/// <summary>Something a person should know of the run that is no figure.</summary>
/// <param name="Level">info or warning.</param>
/// <param name="Event">started, resumed, checkpoint-skipped, stopping, ...</param>
public sealed record TrainingNote(string Level, string Event, string Message);
