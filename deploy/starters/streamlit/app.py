import numpy as np
import pandas as pd
import streamlit as st

st.set_page_config(page_title="Waves", page_icon="🌊", layout="wide")
st.title("🌊 Waves")
st.caption("Two waves, and what becomes of them when they meet.")

left, right = st.columns(2)
first = left.slider("First wave, times a second", 1.0, 12.0, 4.0, 0.5)
second = right.slider("Second wave, times a second", 1.0, 12.0, 5.0, 0.5)

time = np.linspace(0, 2, 600)
waves = pd.DataFrame(
    {"first": np.sin(2 * np.pi * first * time), "second": np.sin(2 * np.pi * second * time)}, index=time
)
waves["together"] = waves["first"] + waves["second"]

st.line_chart(waves[["together"]], height=320)
for column, (label, value) in zip(
    st.columns(3),
    {
        "Highest": f"{waves['together'].max():.2f}",
        "Lowest": f"{waves['together'].min():.2f}",
        "Beats a second": f"{abs(first - second):g}",
    }.items(),
    strict=True,
):
    column.metric(label, value)
with st.expander("Each wave alone"):
    st.line_chart(waves[["first", "second"]], height=220)
