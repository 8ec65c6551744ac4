namespace AiDc.Trainer.Data;

/// <summary>Which split is drawn; the splits of one seed share no image.</summary>
public enum DigitSplit
{
    Train,
    Test,
}
